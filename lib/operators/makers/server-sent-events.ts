/** Makes a response of server-sent events. WHATWG HTML §9.2. */
import { asyncScheduler, type ObservableInput, type SchedulerLike } from 'rxjs';
import type { ResponseHeaders } from '../../core/events.js';
import { ScgiUsageError } from '../../core/errors/errors.js';
import { didYouMean, unknownKeyOf } from '../../core/text/nearest.js';
import { verifyLimit, verifyOptionNames, verifyTimeout, type OptionNames } from '../../core/options.js';
import { quoted } from '../../core/text/quoted.js';
import { verifyScheduler } from '../engine-options.js';
import { isChunk, isSourceOfChunks } from '../response/body-chunk.js';
import { EventStream } from '../response/event-stream.js';
import type { ScgiResponse } from '../types.js';
import { headersWith } from './response-makers.js';

/** An event, as a browser's `EventSource` gets it. */
export interface ServerSentEvent {
  /** Its type: `message` by default. One line. */
  readonly event?: string | undefined;
  /** Text of any number of lines; each line break arrives as `\n`. Without it, the client only learns the `id`. */
  readonly data?: string | undefined;
  /** What a client that reconnects sends as `Last-Event-ID`; an empty one resets it. One line without NUL. */
  readonly id?: string | undefined;
}

/** Options of {@link serverSentEvents}. */
export interface ServerSentEventsOptions {
  /** Milliseconds without an event until a comment is sent as a heartbeat; `Infinity` for none. Default 15 000. */
  readonly heartbeatMs?: number | undefined;
  /** Milliseconds that a client waits before it reconnects. Default: the client's own, a few seconds. */
  readonly retryMs?: number | undefined;
  /** Headers to add, or to replace those that this function sets. */
  readonly headers?: ResponseHeaders | undefined;
  /** The scheduler of the heartbeats. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

const OPTIONS: OptionNames<ServerSentEventsOptions> = {
  heartbeatMs: true,
  retryMs: true,
  headers: true,
  scheduler: true,
};

const DEFAULT_HEARTBEAT_MS = 15_000;

const HEADERS: readonly (readonly [string, string])[] = [
  ['Content-Type', 'text/event-stream'],
  ['Cache-Control', 'no-store'],
  // nginx passes each chunk on at once, whatever scgi_buffering says.
  ['X-Accel-Buffering', 'no'],
];

const KEYS: ReadonlySet<string> = new Set(['event', 'data', 'id'] satisfies (keyof ServerSentEvent)[]);
const LINE_BREAK = /\r\n|\r|\n/;
const NOT_IN_A_LINE = /[\r\n\0]/;

/**
 * Makes a response of server-sent events, which a browser receives with `new EventSource(url)`.
 *
 *     source:       --a-----------b--c--|       a: 'text' or { data: 'text', event: 'type', id: '7' }
 *     body:         r-a------h----b--c--|       r: retry, h: heartbeat
 *
 *     const handle = ({ lastEventId }) => of(serverSentEvents(ticksSince(lastEventId), { retryMs: 1000 }));
 *
 * Each event goes out when it is emitted. Iterables, async iterables and `ReadableStream`s are pulled while the client takes the
 * events. Observables push: the response fails with ERR_SCGI_RESPONSE_OVERFLOW when more than `maxQueuedBytes` wait. Heartbeats are
 * not queued for a slow client.
 *
 * The response ends when the source completes, and when the server begins to drain; the client then reconnects. To stop it from
 * reconnecting, answer its next request with the status 204. An error of the source cuts the connection.
 *
 * @param source - emits {@link ServerSentEvent}s, or strings: a string is the data of a `message`.
 * @param options - times in milliseconds; see {@link ServerSentEventsOptions}.
 * @throws RangeError | TypeError at the call, when an option is invalid or `source` is not a source.
 * Error notifications: of the response's body: ERR_SCGI_EVENT_INVALID, and the source's own.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @example
 * ```ts
 * import { serverSentEvents, type ScgiHandler } from 'rxscgi';
 * import { interval, map, of } from 'rxjs';
 *
 * // The interval stops when the client leaves.
 * export const handler: ScgiHandler = () => {
 *   const ticks = interval(1000).pipe(map((n) => ({ id: String(n), event: 'tick', data: JSON.stringify({ n }) })));
 *   return of(serverSentEvents(ticks, { heartbeatMs: 15_000, retryMs: 2000 }));
 * };
 * ```
 */
export function serverSentEvents(
  source: ObservableInput<string | ServerSentEvent>,
  options: ServerSentEventsOptions = {},
): ScgiResponse {
  verifyOptionNames('serverSentEvents', options, OPTIONS);
  if (isChunk(source) || !isSourceOfChunks(source))
    throw new TypeError(`serverSentEvents() takes a source of events, not ${quoted(source)}`);
  const { headers = {}, retryMs, scheduler = asyncScheduler } = options;
  const body = new EventStream({
    source,
    write: eventText,
    preamble: retryMs === undefined ? '' : `retry: ${verifyRetry(retryMs)}\n\n`,
    heartbeatMs: verifyTimeout('heartbeatMs', options.heartbeatMs, DEFAULT_HEARTBEAT_MS),
    scheduler: verifyScheduler(scheduler),
  });
  return { headers: headersWith(HEADERS, headers), body };
}

function verifyRetry(value: number): number {
  return verifyLimit('retryMs', value, 0, 0, Number.MAX_SAFE_INTEGER);
}

/** @throws ScgiUsageError ERR_SCGI_EVENT_INVALID */
function eventText(event: string | ServerSentEvent): string {
  if (typeof event === 'string') return `${dataLines(event)}\n`;
  if (typeof event !== 'object' || (event as unknown) === null) {
    throw invalid(`an event is a string or an object { data, event, id }, not ${quoted(event)}`);
  }
  const unknown = unknownKeyOf(event, KEYS);
  if (unknown !== undefined) {
    throw invalid(`an event has no key ${quoted(unknown)}${didYouMean(unknown, KEYS)}`);
  }
  const { event: type, id, data } = event;
  return `${line('event', type)}${line('id', id)}${data === undefined ? '' : dataLines(checked('data', data))}\n`;
}

/** The client joins the lines again. */
function dataLines(data: string): string {
  // Most data is one line.
  if (!NOT_IN_A_LINE.test(data)) return `data: ${data}\n`;
  return data
    .split(LINE_BREAK)
    .map((each) => `data: ${each}\n`)
    .join('');
}

function line(field: 'event' | 'id', value: unknown): string {
  if (value === undefined) return '';
  const text = checked(field, value);
  if (NOT_IN_A_LINE.test(text)) {
    throw invalid(`the ${field} of an event is one line without NUL, not ${quoted(text)}`);
  }
  return `${field}: ${text}\n`;
}

function checked(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  const advice = field === 'data' ? '; give JSON.stringify(value)' : '';
  throw invalid(`the ${field} of an event is a string, not ${quoted(value)}${advice}`);
}

function invalid(message: string): ScgiUsageError {
  return new ScgiUsageError('ERR_SCGI_EVENT_INVALID', message);
}
