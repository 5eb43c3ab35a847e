/** What a click on an exchange shows: its marbles at full length, and what is to be known of it. */
import { ownScale, ticksOf } from '../drawing/axis.js';
import { sectionsOf } from './details-sections.js';
import { createDrawing, drawAxis, rowLabels, svg } from '../drawing/draw.js';
import { element, setText } from '../element.js';
import { endOf } from '../exchanges/exchange.js';
import { figuresOf, titleOf } from '../exchanges/explain.js';
import { formatMs } from '../format.js';
import { layoutExchange } from '../drawing/layout.js';

/** @param root - the panel. `onCopy()` copies the test; `onClose()` closes. */
export function createDetails(root, { onCopy, onClose }) {
  const title = element('h2', 'details-title');
  title.tabIndex = -1;
  const figures = element('p', 'figures');
  const copy = button('Copy as marble test', 'T', onCopy);
  copy.className = 'primary';
  const actions = element('div', 'actions');
  actions.append(copy, button('Close', 'Esc', onClose));
  const top = element('div', 'details-top');
  top.append(title, figures, actions);
  const drawing = createDrawing();
  const axis = svg('svg', { class: 'axis', height: 26, 'aria-hidden': 'true' });
  const canvas = element('div', 'canvas');
  canvas.append(axis, drawing.root);
  const rows = element('div', 'rows');
  rows.append(rowLabels(), canvas);
  const sections = element('div', 'sections');
  root.replaceChildren(top, rows, sections);
  let exchange;
  let drawn = '';

  /** The marble test keeps its focus and its place while events come in. */
  function replaceSections(made) {
    const scrolled = sections.querySelector('.code')?.scrollTop ?? 0;
    const hasFocus = sections.contains(document.activeElement);
    sections.replaceChildren(...made);
    const code = sections.querySelector('.code');
    if (code) code.scrollTop = scrolled;
    if (hasFocus) (code ?? title).focus({ preventScroll: true });
  }

  return {
    get exchange() {
      return exchange;
    },
    /** Shows an exchange, or nothing. */
    show(next) {
      exchange = next;
      drawn = '';
      root.hidden = next === undefined;
      root.scrollTop = 0;
      if (!next) sections.replaceChildren();
    },
    focus() {
      title.focus({ preventScroll: true });
    },
    /** Draws again what is new. */
    render(now) {
      if (!exchange) return;
      const { openAt, closedAt, lastAt } = exchange;
      const width = Math.max(120, canvas.clientWidth);
      const state = `${lastAt} ${closedAt} ${width}`;
      if (closedAt !== undefined && drawn === state) return;
      setText(title, titleOf(exchange));
      setText(figures, figuresOf(exchange, now));
      const scale = ownScale(openAt, endOf(exchange, now), width, now);
      const { ticks } = ticksOf(scale, 72, openAt);
      drawing.update(layoutExchange(exchange, scale), width, ticks.map(scale.x));
      const places = ticks.map((at) => [scale.x(at), formatMs(Math.max(0, at - openAt))]);
      drawAxis(axis, places, width);
      if (drawn !== state) replaceSections(sectionsOf(exchange, now));
      drawn = state;
    },
  };
}

function button(text, key, onClick) {
  const made = element('button', '', text);
  made.type = 'button';
  made.setAttribute('aria-keyshortcuts', key === 'Esc' ? 'Escape' : key);
  made.title = `${text} (${key})`;
  made.addEventListener('click', onClick);
  return made;
}
