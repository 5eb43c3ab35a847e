/** Says in words what happened in an exchange: in one line, and who braked whom. */
import { endOf, hasClientLeft } from './exchange.js';
import { formatBytes, formatMs, printable } from '../format.js';
import { pausedTotal } from './lane.js';

const CAUSES = {
  bodyHighWaterMark: 'Nobody has taken the body yet, and enough of it waits. The client is not read.',
  pullMap:
    "The handler's pullMap is busy with a chunk. The client is not read until it asks for the next one.",
  'for await':
    "The handler's for await is busy with a chunk. The client is not read until it asks for the next one.",
  response: 'The response is made of the body and waits for its reader. The client is not read.',
  maxQueuedBytes: 'Half of maxQueuedBytes waits in the queue of the response. The client is not read.',
  maxConnections: 'As many connections as maxConnections allows are open. This one waits for its turn.',
  holdInput: 'The application holds the input with flow.holdInput.',
  transport: 'The client reads slowly, and the buffer of the system is full. The response waits.',
  holdOutput: 'The application holds the output with flow.holdOutput.',
};

export function explainCause(cause) {
  return Object.hasOwn(CAUSES, cause) ? CAUSES[cause] : 'The input or the output waits.';
}

/** What an exchange is called. */
export function titleOf({ method, path, requestAt, errors }) {
  if (requestAt === undefined) return errors.length > 0 ? 'No request' : 'Waiting for a request';
  return `${printable(method, 20)} ${printable(path, 240)}`;
}

/** The facts of an exchange that deserve a badge: `{ text, kind }`. */
export function badgesOf(exchange, now) {
  const badges = [];
  const code = exchange.errors.find((error) => error.code !== 'ERR_SCGI_GATEWAY_GONE')?.code;
  if (code) badges.push({ text: printable(code, 48), kind: 'error' });
  if (hasClientLeft(exchange)) badges.push({ text: 'client left', kind: 'unsubscribe' });
  for (const [what, spans] of [
    ['upload', exchange.inputPaused],
    ['response', exchange.outputPaused],
  ]) {
    const { total, main } = pausedTotal(spans, now);
    if (total > 0)
      badges.push({ text: `${what} braked ${formatMs(total)} by ${printable(main, 24)}`, kind: 'brake' });
  }
  return badges;
}

/** Sizes and time, in short. */
export function figuresOf(exchange, now) {
  const { totals, closedAt, openAt } = exchange;
  const ms = formatMs(endOf(exchange, now) - openAt);
  return `↑ ${formatBytes(totals.in)}   ↓ ${formatBytes(totals.out)}   ${closedAt === undefined ? `${ms} …` : ms}`;
}

/** All of it in a sentence, for those who listen. Without figures that change all the time. */
export function sentenceOf(exchange) {
  const { status, closedAt, inputPaused, outputPaused, errors } = exchange;
  return [
    titleOf(exchange),
    status === undefined ? 'no status' : `status ${status}`,
    ...(closedAt === undefined ? ['open'] : [formatMs(closedAt - exchange.openAt)]),
    ...errors.map(({ code }) => printable(code, 60)),
    ...(hasClientLeft(exchange) ? ['client left'] : []),
    ...(inputPaused.length > 0 ? ['upload braked'] : []),
    ...(outputPaused.length > 0 ? ['response braked'] : []),
  ].join(', ');
}
