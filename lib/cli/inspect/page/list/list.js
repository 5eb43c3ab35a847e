/** The list of exchanges: one group of rows for each. Only those that can be seen are in the document. */
import { ownScale, ticksOf } from '../drawing/axis.js';
import { createDrawing, rowLabels } from '../drawing/draw.js';
import { element, setText } from '../element.js';
import { endOf, hasFailed } from '../exchanges/exchange.js';
import { badgesOf, figuresOf, sentenceOf, titleOf } from '../exchanges/explain.js';
import { formatMs } from '../format.js';
import { layoutExchange } from '../drawing/layout.js';

/** The height of a group, with the gap below it: as in style.css. */
const STRIDE = 182;

/**
 * @param scroller - what scrolls; `content` in it gets the groups.
 * @param onOpen - called with the number of the exchange that was chosen.
 */
export function createList(scroller, content, onOpen) {
  const groups = new Map();
  let shown = [];

  /** The document has the order of the list, for the Tab key and for those who listen. */
  function groupOf({ connection }, previous) {
    let group = groups.get(connection);
    if (!group) {
      group = createGroup(connection, onOpen);
      groups.set(connection, group);
      content.insertBefore(group.root, previous ? previous.nextSibling : content.firstChild);
    }
    return group;
  }

  /** Keeps what is looked at in its place when others come in above it. */
  function keepPlace(exchanges) {
    const top = shown[Math.floor(scroller.scrollTop / STRIDE)];
    const index = top && scroller.scrollTop > 8 ? exchanges.indexOf(top) : -1;
    const moved = index < 0 ? 0 : index - shown.indexOf(top);
    shown = exchanges;
    content.style.height = `${exchanges.length * STRIDE}px`;
    if (moved !== 0) scroller.scrollTop += moved * STRIDE;
  }

  return {
    /** Draws what can be seen of `exchanges`. */
    render(exchanges, axis, { width, isOwnTime, selected }) {
      keepPlace(exchanges);
      const first = Math.floor(scroller.scrollTop / STRIDE) - 1;
      const last = Math.ceil((scroller.scrollTop + scroller.clientHeight) / STRIDE) + 1;
      // The one in focus stays, or the keyboard would lose its place.
      const focused = Number(document.activeElement?.closest('.group')?.dataset.connection);
      const visible = new Set();
      let previous;
      exchanges.forEach((exchange, index) => {
        const { connection, openAt } = exchange;
        if ((index < first || index >= last) && connection !== focused) return;
        visible.add(connection);
        const scale = isOwnTime
          ? ownScale(openAt, endOf(exchange, axis.now), width, axis.now)
          : axis.scale(width);
        const place = { top: index * STRIDE, position: index + 1, count: exchanges.length };
        const group = groupOf(exchange, previous);
        previous = group.root;
        group.update(exchange, scale, {
          ...place,
          isSelected: connection === selected,
          isOwnTime,
        });
      });
      for (const [connection, group] of groups) {
        if (visible.has(connection)) continue;
        group.root.remove();
        groups.delete(connection);
      }
    },
    /** Brings a group into view. */
    reveal(index) {
      const top = index * STRIDE;
      const bottom = top + STRIDE - scroller.clientHeight;
      if (top < scroller.scrollTop) scroller.scrollTop = top;
      else if (bottom > scroller.scrollTop) scroller.scrollTop = bottom;
    },
    focus(connection) {
      groups.get(connection)?.focus();
    },
  };
}

function createGroup(connection, onOpen) {
  const root = element('div', 'group');
  root.dataset.connection = connection;
  root.setAttribute('role', 'listitem');
  const head = element('button', 'head');
  head.type = 'button';
  const [status, title] = [element('span', 'status'), element('span', 'title')];
  const [badges, figures] = [element('span', 'badges'), element('span', 'figures')];
  head.append(status, title, badges, figures);
  const drawing = createDrawing();
  const far = element('span', 'far');
  const canvas = element('div', 'canvas');
  canvas.append(drawing.root, far);
  const rows = element('div', 'rows');
  rows.append(rowLabels(), canvas);
  root.append(head, rows);
  head.addEventListener('click', () => onOpen(connection));
  let badgeTexts = '';

  function showBadges(all) {
    const texts = all.map(({ text }) => text).join('\n');
    if (texts === badgeTexts) return;
    badgeTexts = texts;
    badges.replaceChildren(...all.map(({ text, kind }) => element('span', `badge badge-${kind}`, text)));
  }

  return {
    root,
    focus: () => head.focus({ preventScroll: true }),
    update(exchange, scale, { top, isSelected, isOwnTime, position, count }) {
      const { status: code, closedAt, openAt } = exchange;
      root.style.transform = `translateY(${top}px)`;
      root.setAttribute('aria-posinset', position);
      root.setAttribute('aria-setsize', count);
      root.className = `group${isSelected ? ' selected' : ''}${hasFailed(exchange) ? ' failed' : ''}`;
      head.setAttribute('aria-expanded', isSelected);
      const sentence = sentenceOf(exchange);
      if (head.getAttribute('aria-label') !== sentence) head.setAttribute('aria-label', sentence);
      setText(status, String(code ?? (closedAt === undefined ? '···' : '–')));
      status.className = `status status-${code === undefined ? 'none' : Math.floor(code / 100)}`;
      setText(title, titleOf(exchange));
      setText(figures, figuresOf(exchange, scale.now));
      showBadges(badgesOf(exchange, scale.now));
      const { ticks, step } = ticksOf(scale, 96, isOwnTime ? openAt : 0);
      drawing.update(layoutExchange(exchange, scale), scale.width, ticks.map(scale.x));
      setText(far, isOwnTime ? `grid: ${formatMs(step)}` : farText(exchange, scale));
      far.className = `far${isOwnTime ? ' far-grid' : openAt > scale.to ? ' far-later' : ''}`;
    },
  };
}

/** Where an exchange is that the axis does not show. */
function farText(exchange, { from, to, now }) {
  const end = endOf(exchange, now);
  if (end < from) return `◂ ${formatMs(from - end)} earlier`;
  return exchange.openAt > to ? `${formatMs(exchange.openAt - to)} later ▸` : '';
}
