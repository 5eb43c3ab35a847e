/** The options of calling an application: units, defaults and the one place that verifies them. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { verifyOptionNames, verifyTimeout, type OptionNames } from '../../core/options.js';
import { quoted } from '../../core/text/quoted.js';
import { verifyResponseReaderOptions } from '../../core/response/response-reader.js';
import { REQUEST_INIT, type ScgiRequestInit } from '../../operators/encode-scgi-request.js';
import { verifyBodyHighWaterMark, verifyQueue, verifyScheduler } from '../../operators/engine-options.js';
import { ScheduledTimekeeper, type Timekeeper } from '../../operators/exchange/idle-timer.js';
import { hasMethod } from '../../operators/response/body-chunk.js';
import { parseTarget, type ConnectTarget } from '../../server/address.js';
import { REAL_TIME } from '../../system/time/real-time.js';

/** Limits of a call. */
export interface ScgiCallOptions {
  /** Most milliseconds until the connection is made. Default 10 000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Most milliseconds in which the application neither takes any of the request nor sends the head of its response. Default 60 000. */
  readonly headersTimeoutMs?: number | undefined;
  /** Most milliseconds between chunks of the response's body while it is being read and no more of the request is taken. Default 30 000. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Most milliseconds in which nobody reads the body of the response. Default 60 000. */
  readonly unreadTimeoutMs?: number | undefined;
  /** Most bytes of the head of the response. Default 65 536. */
  readonly maxResponseHeadBytes?: number | undefined;
  /** Bytes of the response's body that wait for its reader; at this many, the connection is not read. Default 65 536. */
  readonly bodyHighWaterMark?: number | undefined;
  /** Most bytes of an Observable request body that wait to be sent, and that `bytes()` of the response collects. Default 16 777 216. */
  readonly maxQueuedBytes?: number | undefined;
  /** The scheduler of the timeouts. Default `asyncScheduler`, measured by a monotonic clock. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** A request to an application, and the limits of the call. */
export interface ScgiCallInit extends ScgiRequestInit, ScgiCallOptions {
  /** Aborts the call: the result, or the body of the response, errors with the signal's reason. */
  readonly signal?: AbortSignal | null | undefined;
}

export const CALL_OPTIONS: OptionNames<ScgiCallOptions> = {
  connectTimeoutMs: true,
  headersTimeoutMs: true,
  bodyTimeoutMs: true,
  unreadTimeoutMs: true,
  maxResponseHeadBytes: true,
  bodyHighWaterMark: true,
  maxQueuedBytes: true,
  scheduler: true,
};

const CALL_INIT: OptionNames<ScgiCallInit> = { ...REQUEST_INIT, ...CALL_OPTIONS, signal: true };

/** Verified times in milliseconds, and who measures them. */
export interface CallTimes {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyMs: number;
  readonly unreadMs: number;
  readonly keeper: Timekeeper;
}

/** Verified options, defaults filled in. */
export interface CallSettings extends CallTimes {
  readonly maxResponseHeadBytes: number;
  readonly bodyHighWaterMark: number;
  readonly maxQueuedBytes: number;
}

/** @throws TypeError for what is no address, or one that can only be listened on. */
export function verifyTarget(target: string): ConnectTarget {
  if (typeof target !== 'string') throw new TypeError(`the target must be an address, not ${quoted(target)}`);
  return parseTarget(target);
}

/** @throws RangeError | TypeError naming the first option that is wrong. */
export function verifyCallInit(of: string, init: ScgiCallInit): CallSettings {
  verifyOptionNames(of, init, CALL_INIT);
  const { signal } = init;
  if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal))
    throw new TypeError(`signal must be an AbortSignal, not ${quoted(signal)}`);
  return verifyCallOptions(init);
}

/** Makes arrays of pairs that can be read only once, as from a generator: a call may be made again, as by `retry`. */
export function repeatable(init: ScgiCallInit): ScgiCallInit {
  const { headers, variables } = init;
  if (!isIterator(headers) && !isIterator(variables)) return init;
  return {
    ...init,
    headers: isIterator(headers) ? [...headers] : headers,
    variables: isIterator(variables) ? [...variables] : variables,
  };
}

function isIterator<T>(pairs: T): pairs is T & Iterable<never> {
  return typeof pairs === 'object' && pairs !== null && Symbol.iterator in pairs && hasMethod(pairs, 'next');
}

/** @throws RangeError | TypeError naming the first option that is wrong. */
export function verifyCallOptions(options: ScgiCallOptions): CallSettings {
  const scheduler = verifyScheduler(options.scheduler);
  const { maxResponseHeadBytes } = verifyResponseReaderOptions({
    maxResponseHeadBytes: options.maxResponseHeadBytes,
  });
  return {
    connectMs: verifyTimeout('connectTimeoutMs', options.connectTimeoutMs, 10_000),
    headersMs: verifyTimeout('headersTimeoutMs', options.headersTimeoutMs, 60_000),
    bodyMs: verifyTimeout('bodyTimeoutMs', options.bodyTimeoutMs, 30_000),
    unreadMs: verifyTimeout('unreadTimeoutMs', options.unreadTimeoutMs, 60_000),
    keeper: scheduler === asyncScheduler ? REAL_TIME : new ScheduledTimekeeper(scheduler),
    maxResponseHeadBytes,
    bodyHighWaterMark: verifyBodyHighWaterMark(options.bodyHighWaterMark),
    maxQueuedBytes: verifyQueue(options.maxQueuedBytes),
  };
}
