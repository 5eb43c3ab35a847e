/** The options of the operators: units, defaults and verification. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import {
  READER_OPTIONS,
  verifyLimit,
  verifyReaderOptions,
  verifyTimeout,
  type OptionNames,
  type ReaderLimits,
  type ReaderOptions,
} from '../core/options.js';
import { readProperty } from '../core/errors/error-facts.js';
import { quoted } from '../core/text/quoted.js';
import { MAX_PROXIES, type TrustProxy } from './request/forwarded.js';
import { normalizePath, type RequestTargetOption } from './request/request-target.js';
import type { AnswerContext } from './response/error-answer.js';
import { flowState, type Flow, type FlowState } from './flow/flow.js';
import type { ScgiRequest, ScgiResponse } from './types.js';

const DEFAULT_BODY_HIGH_WATER_MARK = 65_536;
const DEFAULT_MAX_QUEUED_BYTES = 16 * 1024 * 1024;

/** Options of `decodeScgi`. */
export interface DecodeOptions extends ReaderOptions {
  /** The flow of the connection. Without it nothing can be paused, and a body that nobody reads errors at `maxQueuedBytes`. */
  readonly flow?: Flow | undefined;
  /** Bytes of a body that wait for its reader; at this many, the input is paused. Default 65 536. */
  readonly bodyHighWaterMark?: number | undefined;
  /** Most bytes that a queue holds where pausing is not possible, and that `bytes()` collects. Default 16 777 216. */
  readonly maxQueuedBytes?: number | undefined;
  /** A path prefix that `request.path` leaves out: `/app`. Default none. */
  readonly mount?: string | undefined;
  /**
   * Where `path`, `query` and `url` come from: `'original'`, what the client sent (`REQUEST_URI`), or `'routed'`, what the web
   * server's rewrites have made of it (`DOCUMENT_URI` or `SCRIPT_NAME` and `PATH_INFO`, `QUERY_STRING`). Default `'original'`.
   */
  readonly requestTarget?: RequestTargetOption | undefined;
  /**
   * The proxies in front of the web server that are trusted to name the client in `Forwarded` or `X-Forwarded-*`: their number, or a
   * function that returns `true`. `remoteAddress` and `url` are then those of the client. Default none.
   */
  readonly trustProxy?: number | TrustProxy | undefined;
}

/** Options of `encodeScgi`. */
export interface EncodeOptions {
  /** The flow of the connection. Without it, chunks go out as soon as they come. */
  readonly flow?: Flow | undefined;
  /** Most bytes of an Observable body that wait for the gateway. Default 16 777 216. */
  readonly maxQueuedBytes?: number | undefined;
  /** The method of the request: the answer to HEAD has no body. Default: that of the flow's request. */
  readonly requestMethod?: string | undefined;
  /** The response to an error that comes before the head, such as `errorAnswer`. Default: the error is passed on. */
  readonly answer?: ((error: unknown, context: AnswerContext) => ScgiResponse) | undefined;
}

/** Options of `handleScgi`. */
export interface HandleOptions extends DecodeOptions {
  /** Most milliseconds from the connection to the end of the request's head; then 408. Default 60 000. */
  readonly headersTimeoutMs?: number | undefined;
  /** Most milliseconds between chunks of the body, not counting time in which the input is paused; then 408. Default 30 000. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Most milliseconds from the head to the end of the body, not counting time in which the input is paused; then 408. Default none. */
  readonly bodyTotalTimeoutMs?: number | undefined;
  /** Most milliseconds from the call of the handler to its response; then 503. Default none. */
  readonly handlerTimeoutMs?: number | undefined;
  /** The scheduler of the timeouts. Default `asyncScheduler`, measured by a monotonic clock. */
  readonly scheduler?: SchedulerLike | undefined;
  /** Called with every error, and with the request if there was one. The gateway gets the status, and never the error's text. */
  readonly onError?: ((error: unknown, request: ScgiRequest | undefined) => void) | undefined;
}

export const DECODE_OPTIONS: OptionNames<DecodeOptions> = {
  ...READER_OPTIONS,
  flow: true,
  bodyHighWaterMark: true,
  maxQueuedBytes: true,
  mount: true,
  requestTarget: true,
  trustProxy: true,
};

export const ENCODE_OPTIONS: OptionNames<EncodeOptions> = {
  flow: true,
  maxQueuedBytes: true,
  requestMethod: true,
  answer: true,
};

export const HANDLE_OPTIONS: OptionNames<HandleOptions> = {
  ...DECODE_OPTIONS,
  headersTimeoutMs: true,
  bodyTimeoutMs: true,
  bodyTotalTimeoutMs: true,
  handlerTimeoutMs: true,
  scheduler: true,
  onError: true,
};

/** Verified options, defaults filled in. */
export interface DecodeSettings {
  readonly limits: ReaderLimits;
  readonly flow: FlowState | undefined;
  readonly bodyHighWaterMark: number;
  readonly maxQueuedBytes: number;
  readonly mount: string;
  readonly requestTarget: RequestTargetOption;
  readonly trustProxy: TrustProxy | undefined;
  readonly maxCollectedBytes: number;
}

export interface EncodeSettings {
  readonly flow: FlowState | undefined;
  readonly maxQueuedBytes: number;
  readonly requestMethod: string | undefined;
  readonly answer: ((error: unknown, context: AnswerContext) => ScgiResponse) | undefined;
}

export interface HandleSettings extends DecodeSettings {
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly bodyTotalTimeoutMs: number;
  readonly handlerTimeoutMs: number;
  readonly scheduler: SchedulerLike;
  readonly onError: (error: unknown, request: ScgiRequest | undefined) => void;
}

/** @throws RangeError | TypeError naming the first option that is wrong. */
export function verifyDecodeOptions(options: DecodeOptions = {}): DecodeSettings {
  const limits = verifyReaderOptions(options);
  const maxQueuedBytes = verifyQueue(options.maxQueuedBytes);
  return {
    limits,
    flow: flowState(options.flow),
    bodyHighWaterMark: verifyBodyHighWaterMark(options.bodyHighWaterMark),
    maxQueuedBytes,
    mount: verifyMount(options.mount),
    requestTarget: verifyRequestTarget(options.requestTarget),
    trustProxy: verifyTrustProxy(options.trustProxy),
    maxCollectedBytes: Number.isFinite(limits.maxBodyBytes) ? limits.maxBodyBytes : maxQueuedBytes,
  };
}

/** @throws RangeError | TypeError naming the first option that is wrong. */
export function verifyEncodeOptions(options: EncodeOptions = {}): EncodeSettings {
  return {
    flow: flowState(options.flow),
    maxQueuedBytes: verifyQueue(options.maxQueuedBytes),
    requestMethod: verifyMethod(options.requestMethod),
    answer: verifyFunction('answer', options.answer),
  };
}

/**
 * Called for each connection in a pipeline by hand, so that no object is spread here.
 *
 * @throws RangeError | TypeError naming the first option that is wrong.
 */
export function verifyHandleOptions(options: HandleOptions = {}): HandleSettings {
  const decode = verifyDecodeOptions(options);
  const { limits, flow, bodyHighWaterMark, maxQueuedBytes, mount, requestTarget } = decode;
  return {
    limits,
    flow,
    bodyHighWaterMark,
    maxQueuedBytes,
    mount,
    requestTarget,
    trustProxy: decode.trustProxy,
    maxCollectedBytes: decode.maxCollectedBytes,
    headersTimeoutMs: verifyTimeout('headersTimeoutMs', options.headersTimeoutMs, 60_000),
    bodyTimeoutMs: verifyTimeout('bodyTimeoutMs', options.bodyTimeoutMs, 30_000),
    bodyTotalTimeoutMs: verifyTimeout('bodyTotalTimeoutMs', options.bodyTotalTimeoutMs, Infinity),
    handlerTimeoutMs: verifyTimeout('handlerTimeoutMs', options.handlerTimeoutMs, Infinity),
    scheduler: verifyScheduler(options.scheduler),
    onError: verifyFunction('onError', options.onError) ?? ignoreError,
  };
}

function ignoreError(): void {
  // Without onError nobody wants to know.
}

/** @throws TypeError when it is no string. */
export function verifyMethod(method: string | undefined): string | undefined {
  if (method === undefined || typeof method === 'string') return method;
  throw new TypeError(`requestMethod must be a string, not ${typeof method}`);
}

/** The bytes that are held for a busy reader, or the default. @throws RangeError */
export function verifyBodyHighWaterMark(value: number | undefined): number {
  return verifyLimit('bodyHighWaterMark', value, DEFAULT_BODY_HIGH_WATER_MARK);
}

/** The bound of a queue in bytes, or its default. @throws RangeError */
export function verifyQueue(value: number | undefined): number {
  return verifyLimit('maxQueuedBytes', value, DEFAULT_MAX_QUEUED_BYTES);
}

/** @returns the mount in the normal form of paths, without a slash at its end. */
export function verifyMount(mount = ''): string {
  // Without one, nothing is looked for: a pipeline is made for each connection.
  if (mount === '') return mount;
  // A lone surrogate has no UTF-8.
  if (typeof mount !== 'string' || !/^\/[^?#]*$/.test(mount) || /[\ud800-\udfff]/u.test(mount)) {
    throw new TypeError(`mount must be a path that begins with a slash, not ${quoted(mount)}`);
  }
  const path = normalizePath(mount.replace(/[^\0-\x7f]+/g, encodeURIComponent));
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

function verifyRequestTarget(target: RequestTargetOption = 'original'): RequestTargetOption {
  if (target === 'original' || target === 'routed') return target;
  throw new TypeError(`requestTarget must be 'original' or 'routed', not ${quoted(target)}`);
}

export function verifyTrustProxy(value: DecodeOptions['trustProxy']): TrustProxy | undefined {
  if (typeof value !== 'number') {
    const trusts: ((...peer: Parameters<TrustProxy>) => unknown) | undefined = verifyFunction(
      'trustProxy',
      value,
    );
    // The Promise of an async function is not an answer, and least of all a yes.
    return trusts && ((address, hop) => trusts(address, hop) === true);
  }
  const proxies = verifyLimit('trustProxy', value, 0, 0, MAX_PROXIES);
  return proxies === 0 ? undefined : (_address, hop) => hop < proxies;
}

/** @throws TypeError when it is not a scheduler. */
export function verifyScheduler(scheduler: SchedulerLike = asyncScheduler): SchedulerLike {
  if (typeof (scheduler as Partial<SchedulerLike> | null)?.schedule === 'function') return scheduler;
  throw new TypeError(`scheduler must be an RxJS scheduler, not ${typeof scheduler}`);
}

function verifyFunction<F>(name: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new TypeError(`${name} must be a function, not ${typeof value}`);
}

/** @throws TypeError when it is not a handler; for an application of another kind, it says what makes a handler of it. */
export function verifyHandler(handler: unknown): void {
  if (typeof handler === 'function') {
    // Express's and Connect's applications.
    if (!['handle', 'use', 'listen'].every((name) => hasMethod(handler, name))) return;
    throw new TypeError(
      'the handler is a listener of node:http: give fromRequestListener(app), of rxscgi/node',
    );
  }
  const advice = hasMethod(handler, 'fetch')
    ? '; to run an application with fetch(), give fromFetch(app)'
    : '';
  throw new TypeError(`the handler must be a function, not ${quoted(handler)}${advice}`);
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof readProperty(value, name) === 'function';
}
