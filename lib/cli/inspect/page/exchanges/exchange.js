/** What the page keeps of one exchange, made from its events. Bounded, whatever the events hold. */
import { addChunk, setPaused } from './lane.js';

const MAX_TEXT = 4096;
const MAX_FIELDS = 200;
const MAX_FIELD_TEXT = 65_536;
const MAX_VALUE = 4096;
const MAX_MARKS = 16;

/** A connection that has just been opened. */
export function createExchange(connection, at) {
  return {
    connection,
    openAt: at,
    lastAt: at,
    /** When it was over, or undefined. */
    closedAt: undefined,
    method: '',
    path: '',
    status: undefined,
    /** `handler` or `error`. */
    answeredBy: undefined,
    requestAt: undefined,
    contentLength: 0,
    variables: [],
    responseAt: undefined,
    headers: [],
    bytesIn: [],
    bytesInEnd: undefined,
    inputPaused: [],
    body: [],
    /** `{ at, state, by }`: subscribed, unsubscribed, failed, dropped, and `end`. */
    bodyMarks: [],
    bodyText: '',
    handlerMarks: [],
    chunks: [],
    responseText: '',
    outputPaused: [],
    bytesOut: [],
    end: undefined,
    errors: [],
    received: undefined,
    totals: { in: 0, body: 0, chunks: 0, out: 0 },
    dropped: { events: 0, bytes: 0 },
  };
}

const APPLY = {
  'bytes-in': (x, { at, bytes }) => add(x, x.bytesIn, 'in', at, bytes),
  'bytes-in-end': (x, { at }) => (x.bytesInEnd = at),
  'input-paused': (x, { at, paused, causes }) => setPaused(x.inputPaused, at, paused, causes),
  'output-paused': (x, { at, paused, causes }) => setPaused(x.outputPaused, at, paused, causes),
  request(x, { at, variables, contentLength }) {
    x.requestAt = at;
    x.contentLength = contentLength;
    x.variables = bounded(variables);
    const value = (name) => x.variables.find((each) => each.name === name)?.value ?? '';
    x.method = value('REQUEST_METHOD');
    x.path = value('REQUEST_URI') || value('DOCUMENT_URI') || value('SCRIPT_NAME') + value('PATH_INFO');
  },
  handler: (x, { at, state }) => mark(x.handlerMarks, { at, state }),
  'body-state': (x, { at, state, by }) => mark(x.bodyMarks, { at, state, by }),
  body(x, { at, bytes, text }) {
    add(x, x.body, 'body', at, bytes);
    x.bodyText = appended(x.bodyText, text);
  },
  'body-end': (x, { at }) => mark(x.bodyMarks, { at, state: 'end' }),
  response(x, { at, status, headers, by }) {
    x.responseAt = at;
    x.status = status;
    x.answeredBy = by;
    x.headers = bounded(headers);
  },
  chunk(x, { at, bytes, text }) {
    add(x, x.chunks, 'chunks', at, bytes);
    x.responseText = appended(x.responseText, text);
  },
  'bytes-out': (x, { at, bytes }) => add(x, x.bytesOut, 'out', at, bytes),
  end: (x, { at, how }) => (x.end = { at, how }),
  error(x, { at, where, code, offset, message, place, received }) {
    if (received !== undefined) x.received = received.slice(0, MAX_TEXT);
    const text = { code: code.slice(0, 200), message: message.slice(0, 1000), place: place?.slice(0, 1000) };
    mark(x.errors, { at, where, offset, ...text });
  },
  close(x, { at }) {
    x.closedAt = at;
    for (const spans of [x.inputPaused, x.outputPaused]) setPaused(spans, at, false, []);
  },
  trimmed: (x, { events, bytes }) => (x.dropped = { events, bytes }),
};

/** Applies an event. One of a kind that is not known here is ignored. */
export function applyEvent(exchange, event) {
  exchange.lastAt = Math.max(exchange.lastAt, event.at);
  if (Object.hasOwn(APPLY, event.type)) APPLY[event.type](exchange, event);
}

/** When the exchange was over, or `now` while it goes on. */
export function endOf(exchange, now) {
  return exchange.closedAt ?? Math.max(now, exchange.lastAt);
}

/** Whether the gateway left before the response was out. */
export function hasClientLeft({ errors, handlerMarks, end }) {
  if (errors.some(({ code }) => code === 'ERR_SCGI_GATEWAY_GONE')) return true;
  // A handler whose response is out is unsubscribed as well, but nobody has left it.
  return end?.how === 'closed' && handlerMarks.some(({ state }) => state === 'unsubscribed');
}

/** Whether something went wrong: an error of anybody, or a client that left. */
export function hasFailed(exchange) {
  return exchange.errors.length > 0 || hasClientLeft(exchange) || exchange.end?.how === 'reset';
}

function add(exchange, runs, total, at, bytes) {
  exchange.totals[total] += bytes;
  addChunk(runs, at, bytes);
}

function mark(marks, one) {
  // The last one tells how it ended.
  if (marks.length >= MAX_MARKS) marks.pop();
  marks.push(one);
}

function appended(text, more = '') {
  return text.length >= MAX_TEXT || more === '' ? text : (text + more).slice(0, MAX_TEXT);
}

/** `{ name, value, length }`: `length` is that of the whole value. */
function bounded(pairs) {
  let room = MAX_FIELD_TEXT;
  return pairs.slice(0, MAX_FIELDS).map(([name, value]) => {
    const kept = value.slice(0, Math.min(MAX_VALUE, room));
    room -= kept.length;
    return { name: name.slice(0, 256), value: kept, length: value.length };
  });
}
