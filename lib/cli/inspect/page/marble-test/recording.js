/** Reads from an exchange what a test needs: the chunks, the brakes and the end, in whole milliseconds after it was opened. */
import { hasClientLeft } from '../exchanges/exchange.js';

/** A letter for each chunk. */
const MAX_CHUNKS = 24;
const MAX_HOLDS = 12;
/** Larger chunks go out in pieces of this size. */
const PIECE_BYTES = 262_144;
const TIMEOUT = /_TIMEOUT$/;

/** Only after the head of the request is complete. */
export function recordingOf(exchange) {
  const at = (time) => Math.max(0, Math.round(time - exchange.openAt));
  const requestAt = at(exchange.requestAt);
  const fault = exchange.errors.find(
    ({ code }) => code !== 'ERR_SCGI_GATEWAY_GONE' && code !== 'ERR_SCGI_BODY_SURPLUS',
  );
  const isAnswered = exchange.answeredBy === 'handler';
  const outcome = outcomeOf(exchange, fault, isAnswered);
  const last = at(exchange.lastAt);
  /** A client leaves after what comes in the same millisecond. */
  const endAt = outcome === 'complete' ? at(exchange.end.at) : outcome === 'left' ? last + 0.5 : at(fault.at);
  const before = (time) => time <= endAt;
  const responseAt =
    isAnswered && before(at(exchange.responseAt)) ? Math.max(requestAt, at(exchange.responseAt)) : undefined;
  const chunks = hasNoBody(exchange)
    ? []
    : joined(exchange.chunks).map(({ to, bytes }) => ({ at: Math.max(responseAt ?? 0, at(to)), bytes }));
  return {
    outcome,
    fault: outcome === 'left' ? undefined : fault,
    requestAt,
    responseAt,
    chunks:
      responseAt === undefined ? [] : pieces(sameTimeJoined(chunks.filter((chunk) => before(chunk.at)))),
    endAt: Math.max(endAt, responseAt ?? requestAt),
    input: inputOf(exchange, requestAt, at),
    inputEndAt: exchange.bytesInEnd === undefined ? undefined : at(exchange.bytesInEnd) + 0.5,
    takesBody: exchange.bodyMarks.some(({ state }) => state === 'subscribed'),
    inputHolds: holdsOf(exchange.inputPaused, requestAt, endAt, at),
    // An error does not wait for the output.
    outputHolds: outcome === 'cut' ? [] : holdsOf(exchange.outputPaused, requestAt, endAt, at),
  };
}

function outcomeOf(exchange, fault, isAnswered) {
  if (fault && !TIMEOUT.test(fault.code) && !(isAnswered && fault.where === 'request'))
    return isAnswered ? 'cut' : 'failed';
  return exchange.end?.how === 'fin' && isAnswered && !hasClientLeft(exchange) ? 'complete' : 'left';
}

/** Whether HTTP allows no body in the answer. */
export function hasNoBody({ method, status }) {
  return method === 'HEAD' || status === 204 || status === 205 || status === 304;
}

/** The pieces in which the request came: the first has the whole head. Sizes are those of the body. */
function inputOf(exchange, requestAt, at) {
  const later = joined(exchange.bytesIn.filter((run) => at(run.to) > requestAt)).map(({ to, bytes }) => ({
    at: at(to),
    bytes,
  }));
  const rest = later.reduce((sum, { bytes }) => sum + bytes, 0);
  const received = Math.min(exchange.contentLength, Math.max(rest, exchange.totals.in - headBytes(exchange)));
  return { first: Math.max(0, received - rest), later: sameTimeJoined(later) };
}

function headBytes({ variables }) {
  const block = variables.reduce((sum, { name, length }) => sum + name.length + length + 2, 0);
  return String(block).length + block + 2;
}

/** The longest ones, that last at least a millisecond, not overlapping. They begin after what comes in the same millisecond. */
function holdsOf(spans, requestAt, endAt, at) {
  const holds = spans.flatMap(({ from, to, causes }) => {
    const start = Math.max(requestAt, at(from)) + 0.5;
    const end = to === undefined ? Math.ceil(endAt) : Math.min(at(to), Math.floor(endAt));
    return end > start ? [{ from: start, to: end, causes }] : [];
  });
  const joinedHolds = [];
  for (const hold of holds) {
    const last = joinedHolds.at(-1);
    if (last && hold.from <= last.to + 0.5) last.to = Math.max(last.to, hold.to);
    else joinedHolds.push(hold);
  }
  const longest = [...joinedHolds].sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, MAX_HOLDS);
  return longest.sort((a, b) => a.from - b.from);
}

function joined(runs) {
  const size = Math.ceil(runs.length / MAX_CHUNKS);
  const parts = [];
  for (let i = 0; i < runs.length; i += size) {
    const part = runs.slice(i, i + size);
    parts.push({ to: part.at(-1).to, bytes: part.reduce((sum, { bytes }) => sum + bytes, 0) });
  }
  return parts;
}

function sameTimeJoined(chunks) {
  const all = [];
  for (const chunk of chunks) {
    if (all.at(-1)?.at === chunk.at) all.at(-1).bytes += chunk.bytes;
    else all.push({ ...chunk });
  }
  return all;
}

function pieces(chunks) {
  return chunks.flatMap(({ at, bytes }) =>
    Array.from({ length: Math.ceil(bytes / PIECE_BYTES) }, (_, i) => ({
      at,
      bytes: Math.min(PIECE_BYTES, bytes - i * PIECE_BYTES),
    })),
  );
}
