/** Lays an exchange out on a time axis: what to draw, in pixels. Pure, and bounded by the width, not by the number of events. */
import { endOf, hasClientLeft } from '../exchanges/exchange.js';
import { formatBytes, printable } from '../format.js';

/** The rows of an exchange, from above. */
export const ROWS = [
  { id: 'in', label: 'bytes in' },
  { id: 'inputPaused', label: 'inputPaused' },
  { id: 'body', label: 'request.body' },
  { id: 'response', label: 'response' },
  { id: 'outputPaused', label: 'outputPaused' },
  { id: 'out', label: 'bytes out' },
];
export const ROW_HEIGHT = 21;
export const GROUP_HEIGHT = ROWS.length * ROW_HEIGHT;
/** The middle of each row. */
export const ROW_Y = Object.fromEntries(ROWS.map(({ id }, i) => [id, i * ROW_HEIGHT + ROW_HEIGHT / 2]));

/** Marbles that are closer are drawn as one. */
const GAP_PX = 3;
const CHARACTER_PX = 6.3;
const BOLD_PX = 7.3;

/**
 * @returns `lines` [row, x1, x2, isOpen]; `marbles` [row, x1, x2, radius, bytes, count]; `bands` [row, x1, x2, causes]; `marks` [kind, row, x],
 * with the kinds `subscribe`, `complete`, `error`, `unsubscribe`; `labels` [x, row, text, kind, isLeft].
 */
export function layoutExchange(exchange, scale) {
  const drawing = { lines: [], marbles: [], bands: [], marks: [], labels: [] };
  const now = endOf(exchange, scale.now);
  drawInput(drawing, scale, exchange, now);
  drawBody(drawing, scale, exchange, now);
  drawResponse(drawing, scale, exchange, now);
  drawOutput(drawing, scale, exchange, now);
  drawBands(drawing, scale, 'inputPaused', exchange.inputPaused);
  drawBands(drawing, scale, 'outputPaused', exchange.outputPaused);
  drawErrors(drawing, scale, exchange);
  return drawing;
}

function drawInput(drawing, scale, { openAt, bytesIn, bytesInEnd, closedAt }, now) {
  drawLine(drawing, scale, 'in', openAt, bytesInEnd ?? closedAt, now);
  drawMarbles(drawing, scale, 'in', bytesIn);
  if (bytesInEnd !== undefined) drawMark(drawing, scale, 'complete', 'in', bytesInEnd);
}

const BODY_MARKS = {
  subscribed: 'subscribe',
  end: 'complete',
  unsubscribed: 'unsubscribe',
  dropped: 'unsubscribe',
  failed: 'error',
};

function drawBody(drawing, scale, { bodyMarks, body }, now) {
  const [first] = bodyMarks;
  if (!first) return;
  drawLine(drawing, scale, 'body', first.at, bodyMarks.find(({ state }) => state !== 'subscribed')?.at, now);
  drawMarbles(drawing, scale, 'body', body);
  for (const { at, state } of bodyMarks) {
    drawMark(drawing, scale, BODY_MARKS[state] ?? 'complete', 'body', at);
    if (state === 'dropped') drawLabel(drawing, scale, 'body', at, 'nobody took it', 'quiet');
    if (state === 'unsubscribed') drawLabel(drawing, scale, 'body', at, 'unsubscribed', 'unsubscribe');
  }
}

function drawResponse(drawing, scale, exchange, now) {
  const { handlerMarks, chunks, responseAt, status, answeredBy, end } = exchange;
  const called = handlerMarks[0]?.at ?? responseAt;
  if (called === undefined) return;
  const failed = handlerMarks.find(({ state }) => state === 'failed');
  const unsubscribed = handlerMarks.find(({ state }) => state === 'unsubscribed');
  const isLeft = hasClientLeft(exchange) || (unsubscribed && end && end.how !== 'fin');
  // The response goes on in its body when the handler has completed.
  const over = failed?.at ?? (isLeft ? (unsubscribed?.at ?? end?.at) : end?.at);
  drawLine(drawing, scale, 'response', called, over, now);
  if (handlerMarks.length > 0) drawMark(drawing, scale, 'subscribe', 'response', called);
  drawMarbles(drawing, scale, 'response', chunks);
  if (over !== undefined) {
    const kind = failed || end?.how === 'reset' ? 'error' : isLeft ? 'unsubscribe' : 'complete';
    drawMark(drawing, scale, kind, 'response', over);
    if (kind === 'unsubscribe') drawLabel(drawing, scale, 'response', over, 'unsubscribed', 'unsubscribe');
  }
  if (responseAt === undefined) return;
  drawLabel(
    drawing,
    scale,
    'response',
    responseAt,
    String(status),
    answeredBy === 'error' ? 'status-error' : 'status',
  );
}

function drawOutput(drawing, scale, { bytesOut, end, closedAt }, now) {
  const first = bytesOut[0]?.at;
  if (first === undefined) return;
  drawLine(drawing, scale, 'out', first, end?.at ?? closedAt, now);
  drawMarbles(drawing, scale, 'out', bytesOut);
  if (!end) return;
  drawMark(drawing, scale, OUTPUT_MARKS[end.how] ?? 'complete', 'out', end.at);
  if (end.how === 'reset') drawLabel(drawing, scale, 'out', end.at, 'cut (RST)', 'error');
}

const OUTPUT_MARKS = { fin: 'complete', reset: 'error', closed: 'unsubscribe' };
const ERROR_ROWS = { request: 'in', handler: 'response', response: 'response', connection: 'in' };

function drawErrors(drawing, scale, { errors, answeredBy, responseAt }) {
  for (const { at, where, code, offset } of errors) {
    const row = ERROR_ROWS[where] ?? 'in';
    if (code === 'ERR_SCGI_GATEWAY_GONE') {
      drawMark(drawing, scale, 'unsubscribe', row, at);
      drawLabel(drawing, scale, row, at, 'client left', 'unsubscribe');
      continue;
    }
    drawMark(drawing, scale, 'error', row, at);
    const place = offset === undefined ? '' : ` at byte ${offset}`;
    // The answer to the error comes right after it: the text is beside both.
    const beside = row === 'response' && answeredBy === 'error' ? Math.max(at, responseAt) : at;
    drawLabel(drawing, scale, row, beside, printable(code, 60) + place, 'error');
  }
}

function drawLine({ lines }, { x, from, to, width }, row, start, over, now) {
  const end = over ?? now;
  if (end < from || start > to) return;
  lines.push([
    row,
    Math.max(-10, x(start)),
    Math.min(width + 10, Math.max(x(end), x(start) + 2)),
    over === undefined,
  ]);
}

function drawMarbles({ marbles, labels }, { x, width }, row, runs) {
  const own = [];
  for (const { at, to, bytes, count } of runs) {
    const [x1, x2] = [Math.max(-20, x(at)), Math.min(width + 20, x(to))];
    if (x1 > width + 10 || x2 < -10) continue;
    const radius = radiusOf(bytes / count);
    const last = own.at(-1);
    if (last && x1 - radius < last[2] + last[3] + GAP_PX) {
      last[2] = Math.max(last[2], x2);
      last[3] = Math.max(last[3], radius);
      last[4] += bytes;
      last[5] += count;
    } else own.push([row, x1, x2, radius, bytes, count]);
  }
  for (const [, x1, x2, , bytes, count] of own) {
    if (count > 1)
      drawInside(
        labels,
        width,
        row,
        x1,
        x2,
        `${count} × ${formatBytes(Math.round(bytes / count))}`,
        'inside',
      );
  }
  marbles.push(...own);
}

/** 3.2 pixels for a byte, 6.5 for a megabyte. */
export function radiusOf(bytes) {
  return Math.round(Math.min(7, 3.2 + Math.log10(Math.max(1, bytes)) * 0.55) * 10) / 10;
}

function drawBands({ bands, labels }, { x, width, now }, row, spans) {
  const own = [];
  for (const { from, to, causes } of spans) {
    const [x1, x2] = [Math.max(-4, x(from)), Math.min(width + 4, Math.max(x(to ?? now), x(from) + 2))];
    if (x2 < 0 || x1 > width) continue;
    const [last, text] = [own.at(-1), printable(causes.join(' + '), 80)];
    if (last && x1 - last[2] < 1.5) {
      last[2] = x2;
      if (!last[3].includes(text)) last[3] = `${last[3]}, ${text}`.slice(0, 80);
    } else own.push([row, x1, x2, text]);
  }
  for (const [, x1, x2, causes] of own) drawInside(labels, width, row, x1, x2, causes, 'cause');
  bands.push(...own);
}

/** A text in the middle of what can be seen of a shape, if it has room there. */
function drawInside(labels, width, row, x1, x2, text, kind) {
  const [from, to] = [Math.max(0, x1), Math.min(width, x2)];
  if (to - from > text.length * (kind === 'cause' ? BOLD_PX : CHARACTER_PX) + 6)
    labels.push([(from + to) / 2, row, text, kind, false]);
}

function drawMark({ marks }, { x, from, to }, kind, row, at) {
  if (at >= from && at <= to) marks.push([kind, row, x(at)]);
}

/** A text beside a mark: on the right if there is room, or as much as on the left. A longer one is cut. */
function drawLabel({ labels }, { x, from, to, width }, row, at, text, kind) {
  if (at < from || at > to) return;
  const [left, room] = [x(at), width - x(at)];
  const most = Math.max(8, Math.floor((Math.max(left, room) - 24) / BOLD_PX));
  const fitting = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  labels.push([left, row, fitting, kind, room < 16 + text.length * BOLD_PX && room < left]);
}
