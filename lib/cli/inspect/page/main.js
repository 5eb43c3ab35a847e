/** The live view: puts what the server sends into the store, and draws it. */
import { createAxis, ticksOf } from './drawing/axis.js';
import { createDetails } from './details/details.js';
import { drawAxis } from './drawing/draw.js';
import { setText } from './element.js';
import { createClock, receiveEvents } from './events.js';
import { filterOf } from './list/filters.js';
import { formatClock, formatCount, formatMs } from './format.js';
import { createList } from './list/list.js';
import { marbleTestOf } from './marble-test/marble-test.js';
import { listShortcuts, listenToKeys } from './shortcuts.js';
import { createStore } from './exchanges/store.js';

/** Between two drawings, at least. */
const FRAME_MS = 50;
const ZOOM = 1.6;

/** As in style.css. */
const narrow = matchMedia('(max-width: 820px)');

const get = (id) => document.getElementById(id);
const [scroller, content, form, axisSvg, help] = ['scroller', 'content', 'filter', 'axis', 'help'].map(get);

const store = createStore();
const clock = createClock();
const axis = createAxis();
const list = createList(scroller, content, open);
const details = createDetails(get('details'), { onCopy: copy, onClose: close });
let isOwnTime = false;
let accepts = filterOf({});
/** What the list shows, the newest first. */
let shown = [];
let selected;
let isDirty = true;
let drawnAt = 0;

receiveEvents({
  onSnapshot(snapshot) {
    store.load(snapshot);
    showAgain();
    isDirty = true;
  },
  onEvents(events) {
    for (const event of events) store.apply(event);
    isDirty = true;
  },
  onNow: (at) => clock.set(at),
  onState(state) {
    get('state').className = `state state-${state}`;
    setText(get('state'), state === 'live' ? 'live' : 'reconnecting');
  },
});

function frame(time) {
  requestAnimationFrame(frame);
  if (time - drawnAt < FRAME_MS) return;
  axis.tick(clock.now);
  // Stopped, the axis changes only by what the user does; the details of an open exchange go on.
  if (isDirty || axis.isRunning || details.exchange?.closedAt === undefined) {
    drawnAt = time;
    isDirty = false;
    render();
  }
}

function render() {
  const { now, isRunning } = axis;
  shown = store.exchanges.filter((each) => (isRunning || each.openAt <= now) && accepts(each, now));
  const width = Math.max(80, axisSvg.parentElement.clientWidth);
  list.render(shown, axis, { width, isOwnTime, selected });
  details.render(Math.max(clock.now, now));
  renderAxis(width);
  get('empty').hidden = shown.length > 0;
  setText(get('empty'), store.size > 0 ? 'No exchange passes the filter.' : 'Waiting for the first request.');
  const later = isRunning ? 0 : store.exchanges.filter(({ openAt }) => openAt > now).length;
  const parts = [`${formatCount(shown.length)} of ${formatCount(store.size)}`];
  if (later > 0) parts.push(`${formatCount(later)} since the stop`);
  if (store.lostEvents > 0) parts.push(`${formatCount(store.lostEvents)} events lost`);
  if (store.dropped > 0) parts.push(`${formatCount(store.dropped)} forgotten`);
  setText(get('count'), parts.join(', '));
}

function renderAxis(width) {
  const scale = axis.scale(width);
  const gap = width < 400 ? 84 : 96;
  const { ticks, step } = isOwnTime ? { ticks: [], step: 1 } : ticksOf(scale, gap);
  const restarts = isOwnTime ? [] : store.restarts.map((at) => [scale.x(at), '⟳ restarted']);
  const isFree = (x) => x < width - gap * 0.6 && restarts.every(([other]) => Math.abs(other - x) > gap);
  const places = ticks.map((at) => [scale.x(at), formatClock(store.originMs + at, step)]);
  drawAxis(axisSvg, [...places.filter(([x]) => isFree(x)), ...restarts.filter(([x]) => x >= 0)], width);
  setText(get('axis-note'), formatMs(axis.spanMs));
  get('own-note').hidden = !isOwnTime;
  setText(get('toggle-label'), axis.isRunning ? 'Stop' : 'Run');
  get('toggle').setAttribute('aria-pressed', !axis.isRunning);
  get('own-time').setAttribute('aria-pressed', isOwnTime);
}

/** On a phone, the details cover the page: what is below takes no focus. */
function cover() {
  const isCovered = selected !== undefined && narrow.matches;
  for (const each of [get('header'), scroller]) each.inert = isCovered;
}

function open(connection) {
  selected = connection;
  details.show(store.get(connection));
  cover();
  document.body.classList.add('has-details');
  details.focus();
  isDirty = true;
}

/** After the store was loaded anew: the chosen exchange is another object, or has been forgotten. */
function showAgain() {
  const exchange = store.get(selected);
  if (exchange) details.show(exchange);
  else if (selected !== undefined) close();
}

function close() {
  const last = selected;
  selected = undefined;
  details.show(undefined);
  cover();
  document.body.classList.remove('has-details');
  list.focus(last);
  isDirty = true;
}

function move(step) {
  if (shown.length === 0) return;
  const focused = Number(document.activeElement?.closest('.group')?.dataset.connection);
  const current = shown.findIndex(({ connection }) => connection === (focused || selected));
  const index = current < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, current + step));
  list.reveal(index);
  const { connection } = shown[index];
  if (selected !== undefined) selected = connection;
  render();
  if (selected !== undefined) details.show(store.get(connection));
  list.focus(connection);
}

/** What an action is about: the chosen exchange, or the one in focus. */
function current() {
  const focused = Number(document.activeElement?.closest('.group')?.dataset.connection);
  return store.get(selected) ?? store.get(focused) ?? shown[0];
}

async function copy() {
  const exchange = current();
  if (!exchange) return;
  const { text, reason } = marbleTestOf(exchange);
  if (text === undefined) return say(reason);
  try {
    await navigator.clipboard.writeText(text);
    say('Copied the marble test.');
  } catch {
    open(exchange.connection);
    say('The browser does not allow copying. Select the test at the end of the details.');
  }
}

let saying;
function say(text) {
  setText(get('say'), text);
  clearTimeout(saying);
  saying = setTimeout(() => setText(get('say'), ''), 4000);
}

const actions = {
  toggle: () => (axis.isRunning ? axis.stop() : axis.run()),
  zoomIn: () => axis.zoom(ZOOM),
  zoomOut: () => axis.zoom(1 / ZOOM),
  earlier: () => axis.move(-0.25),
  later: () => axis.move(0.25),
  reset: () => axis.reset(),
  axis: () => (isOwnTime = !isOwnTime),
  fit() {
    const exchange = current();
    if (!exchange) return;
    isOwnTime = false;
    axis.show(exchange.openAt, exchange.closedAt ?? clock.now);
  },
  next: () => move(1),
  previous: () => move(-1),
  copy,
  filter() {
    if (scroller.inert) close();
    form.elements.path.focus();
  },
  clear() {
    store.clear();
    if (selected !== undefined && !store.get(selected)) close();
  },
  close() {
    if (selected !== undefined) close();
    else document.activeElement?.blur();
  },
  help: () => help.showModal(),
};
for (const [name, run] of Object.entries(actions)) {
  actions[name] = () => {
    isDirty = true;
    return run();
  };
}

listenToKeys(actions);
listShortcuts(get('shortcuts'));
for (const each of document.querySelectorAll('[data-action]')) {
  each.addEventListener('click', () => actions[each.dataset.action]());
}
get('close-help').addEventListener('click', () => help.close());
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', () => {
  const { path, status, minMs, only } = form.elements;
  const filter = {
    path: path.value,
    status: status.value,
    minMs: Number(minMs.value) || 0,
    only: only.value,
  };
  accepts = filterOf(filter);
  scroller.scrollTop = 0;
  isDirty = true;
});
scroller.addEventListener('scroll', () => (isDirty = true), { passive: true });
narrow.addEventListener('change', cover);
globalThis.addEventListener('resize', () => (isDirty = true));
scroller.addEventListener(
  'wheel',
  (event) => {
    const box = axisSvg.getBoundingClientRect();
    if (event.ctrlKey) axis.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, (event.clientX - box.left) / box.width);
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) axis.move(event.deltaX / box.width);
    else return;
    event.preventDefault();
    isDirty = true;
  },
  { passive: false },
);
requestAnimationFrame(frame);
