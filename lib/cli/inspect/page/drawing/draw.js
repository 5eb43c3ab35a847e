/** Draws a layout as SVG. Marbles and marks of a kind share one path, so that an exchange costs few nodes, however much happens. */
import { GROUP_HEIGHT, ROWS, ROW_Y } from './layout.js';

const SVG = 'http://www.w3.org/2000/svg';
const MAX_LABELS = 24;
const MARBLE_ROWS = ['in', 'body', 'response', 'out'];

/** Paths of the marks, around a point. */
const MARKS = {
  subscribe: (x, y) => `M${x - 3.5} ${y + 8}l3.5 -5l3.5 5`,
  complete: (x, y) => `M${x} ${y - 8}V${y + 8}`,
  error: (x, y) => `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`,
  unsubscribe: (x, y) => `M${x} ${y - 8}V${y + 8}M${x - 4} ${y - 8}h8M${x - 4} ${y + 8}h8`,
};

/** Makes an element of SVG. */
export function svg(name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** Makes the drawing of an exchange: `root`, and `update(layout, width, ticks)`, which draws. */
export function createDrawing() {
  const root = svg('svg', { class: 'marbles', height: GROUP_HEIGHT, 'aria-hidden': 'true' });
  const add = (className) => root.appendChild(svg('path', { class: className }));
  const [ticksPath, lines, bands] = [add('ticks'), add('lines'), add('bands')];
  const marbles = MARBLE_ROWS.map((row) => add(`marble marble-${row}`));
  const marks = Object.keys(MARKS).map((kind) => add(`mark mark-${kind}`));
  const labels = root.appendChild(svg('g'));

  return {
    root,
    update(layout, width, ticks) {
      root.setAttribute('width', width);
      draw(ticksPath, ticks, (x) => `M${round(x)} 0V${GROUP_HEIGHT}`);
      draw(lines, layout.lines, ([row, x1, x2, isOpen]) => {
        return `M${round(x1)} ${ROW_Y[row]}H${round(x2)}${isOpen ? 'm-5 -3.5l5 3.5l-5 3.5' : ''}`;
      });
      draw(bands, layout.bands, ([row, x1, x2]) => band(x1, x2, ROW_Y[row]));
      MARBLE_ROWS.forEach((name, i) => {
        const own = layout.marbles.filter(([row]) => row === name);
        draw(marbles[i], own, ([, x1, x2, r]) => pill(x1, x2, ROW_Y[name], r));
      });
      Object.entries(MARKS).forEach(([kind, path], i) => {
        const own = layout.marks.filter(([of]) => of === kind);
        draw(marks[i], own, ([, row, x]) => path(round(x), ROW_Y[row]));
      });
      drawLabels(labels, layout.labels.slice(0, MAX_LABELS));
    },
  };
}

function draw(path, items, shapeOf) {
  const d = items.map(shapeOf).join('');
  if (path.getAttribute('d') !== d) path.setAttribute('d', d);
}

/** Each label is a box, which only a status shows, and a text. */
function drawLabels(parent, labels) {
  resize(parent, labels.length, () => [svg('rect', { rx: 8, height: 16 }), svg('text')]);
  labels.forEach(([x, row, text, kind, isLeft], i) => {
    const [box, element] = [parent.childNodes[2 * i], parent.childNodes[2 * i + 1]];
    const isStatus = kind.startsWith('status');
    const isCentred = isStatus || kind === 'inside' || kind === 'cause';
    element.setAttribute('class', `label label-${kind}`);
    // The status of an answer to an error is in the place of the error.
    const gap = row === 'response' && kind === 'error' ? 21 : 11;
    element.setAttribute('x', round(isCentred ? x : isLeft ? x - gap : x + gap));
    element.setAttribute('y', ROW_Y[row] + 3.8);
    element.setAttribute('text-anchor', isCentred ? 'middle' : isLeft ? 'end' : 'start');
    if (element.textContent !== text) element.textContent = text;
    box.setAttribute('class', `box box-${kind}`);
    box.setAttribute('x', round(x - 16));
    box.setAttribute('y', ROW_Y[row] - 8);
    box.setAttribute('width', isStatus ? 32 : 0);
  });
}

/** Draws an axis: `ticks` [x, text]. */
export function drawAxis(root, ticks, width) {
  root.setAttribute('width', width);
  resize(root, ticks.length, () => [
    svg('path', { class: 'tick' }),
    svg('text', { class: 'tick-label', y: 17 }),
  ]);
  ticks.forEach(([x, text], i) => {
    root.childNodes[2 * i].setAttribute('d', `M${round(x)} 6V26`);
    root.childNodes[2 * i + 1].setAttribute('x', round(x + 5));
    root.childNodes[2 * i + 1].textContent = text;
  });
}

/** Adds or removes children, two for each item. */
function resize(parent, count, make) {
  while (parent.childNodes.length > count * 2) parent.lastChild.remove();
  while (parent.childNodes.length < count * 2) parent.append(...make());
}

/** A circle, or several as one. */
function pill(x1, x2, y, r) {
  const arc = (height) => `a${r} ${r} 0 0 1 0 ${round(height)}`;
  return `M${round(x1)} ${round(y - r)}H${round(x2)}${arc(2 * r)}H${round(x1)}${arc(-2 * r)}Z`;
}

function band(x1, x2, y) {
  const r = round(Math.min(4, (x2 - x1) / 2));
  const straight = 15 - 2 * r;
  return (
    `M${round(x1) + r} ${y - 7.5}H${round(x2) - r}a${r} ${r} 0 0 1 ${r} ${r}v${straight}a${r} ${r} 0 0 1 ${-r} ${r}` +
    `H${round(x1) + r}a${r} ${r} 0 0 1 ${-r} ${-r}v${-straight}a${r} ${r} 0 0 1 ${r} ${-r}Z`
  );
}

function round(value) {
  return Math.round(value * 10) / 10;
}

/** The names of the rows, as a column. */
export function rowLabels() {
  const column = document.createElement('div');
  column.className = 'row-labels';
  column.setAttribute('aria-hidden', 'true');
  for (const { id, label } of ROWS) {
    const each = document.createElement('span');
    each.className = `row-label row-${id}`;
    each.textContent = label;
    column.append(each);
  }
  return column;
}
