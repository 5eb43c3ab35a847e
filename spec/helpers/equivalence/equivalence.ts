/** Runs a scenario through `handleScgi` and through the pipeline that it stands for, in virtual time. */
import {
  finalize,
  from,
  identity,
  mergeMap,
  throwError,
  timeout,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { ScgiLimitError } from '../../../lib/core/errors/errors.js';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import type { HandleOptions } from '../../../lib/operators/engine-options.js';
import { errorAnswer } from '../../../lib/operators/response/error-answer.js';
import { createFlow, type Flow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { idleTimeout } from '../../../lib/operators/idle-timeout.js';
import type { AnyScgiHandler, ScgiHandler, ScgiRequest, ScgiResponse } from '../../../lib/operators/types.js';
import { errorFacts } from '../virtual-time/marbles.js';
import { joined, requestHead, wholeRequest } from '../wire/requests.js';
import { show, wire } from '../wire/wire.js';

const HEAD = requestHead(6, { REQUEST_METHOD: 'POST' });

/** What the letters of a source stand for. */
export const CHUNKS: Readonly<Record<string, Uint8Array>> = {
  g: wholeRequest('', { REQUEST_METHOD: 'GET' }),
  d: wholeRequest('', { REQUEST_METHOD: 'HEAD' }),
  w: joined(HEAD, wire('abcdef')),
  k: HEAD.subarray(0, 9),
  l: HEAD.subarray(9),
  h: HEAD,
  a: wire('abc'),
  b: wire('def'),
  c: wire('defsurplus'),
  i: joined(HEAD, wire('abc')),
  y: wire('24'),
  x: wire('x'),
  t: wire('GET / HTTP/1.1\r\n'),
};

/** The tools of a scenario. All that it makes by them is logged when it is finalized, and its subscriptions are compared. */
export interface World {
  readonly flow: Flow;
  /** Logs an event. */
  readonly note: (what: unknown) => void;
  /** An Observable by marbles. */
  readonly make: <T>(
    name: string,
    marbles: string,
    values?: Record<string, T>,
    error?: unknown,
  ) => Observable<T>;
  /** Logs what somebody hears who is not part of the exchange. */
  readonly hear: (name: string, source: Observable<unknown>) => void;
}

export interface Scenario {
  readonly source: string | (() => Observable<Uint8Array>);
  readonly handler: (world: World) => AnyScgiHandler;
  readonly options?: Omit<HandleOptions, 'flow' | 'scheduler' | 'onError'>;
  /** When the gateway takes no more: `t` and `f`. */
  readonly output?: string;
  readonly unsubscription?: string;
}

type Engine = (
  handler: AnyScgiHandler,
  options: HandleOptions,
  flow: Flow,
) => OperatorFunction<Uint8Array, Uint8Array>;

const fused: Engine = (handler, options) => handleScgi(handler, options);

/** What the docblock of `handleScgi` says. */
const composed: Engine = (handler, options, flow) => (source) => {
  const { headersTimeoutMs, bodyTimeoutMs, handlerTimeoutMs, scheduler, ...decodeOptions } = options;
  const limit = <T>(
    ms: number | undefined,
    code: 'ERR_SCGI_HEADERS_TIMEOUT' | 'ERR_SCGI_HANDLER_TIMEOUT',
  ) => {
    if (ms === undefined || scheduler === undefined) return identity<Observable<T>>;
    return timeout<T, Observable<never>>({
      first: ms,
      scheduler,
      with: () => throwError(() => new ScgiLimitError(code, 'too late', ms, ms)),
    });
  };
  return source.pipe(
    bodyTimeoutMs === undefined ? identity : idleTimeout(bodyTimeoutMs, { flow, scheduler }),
    decodeScgi(decodeOptions),
    limit<ScgiRequest>(headersTimeoutMs, 'ERR_SCGI_HEADERS_TIMEOUT'),
    mergeMap((request) =>
      from((handler as ScgiHandler)(request)).pipe(
        limit<ScgiResponse>(handlerTimeoutMs, 'ERR_SCGI_HANDLER_TIMEOUT'),
      ),
    ),
    encodeScgi({ flow, maxQueuedBytes: options.maxQueuedBytes, answer: errorAnswer }),
  );
};

/** All that happens in a scenario, in its order, and all subscriptions. */
export interface Run {
  readonly log: readonly unknown[];
  readonly subscriptions: readonly unknown[];
}

/** Runs a scenario both ways. */
export function runBoth(scenario: Scenario): { readonly fused: Run; readonly composed: Run } {
  return { fused: run(scenario, fused), composed: run(scenario, composed) };
}

function run({ source, handler, options = {}, output, unsubscription }: Scenario, engine: Engine): Run {
  const scheduler = new TestScheduler(() => undefined);
  const log: unknown[] = [];
  const subscriptions: [string, unknown][] = [];
  scheduler.run((helpers) => {
    // What never comes to rest ends here, instead of going on forever.
    scheduler.maxFrames = 1_000_000;
    const note = (what: unknown): void => void log.push([scheduler.now(), what]);
    const flow = createFlow();
    const make = makerOf(helpers, note, subscriptions);
    const hear: World['hear'] = (name, heard) => {
      heard.subscribe({
        next: (value) => note(`${name} next ${textOf(value)}`),
        error: (error: unknown) => note([`${name} error`, errorFacts(error)]),
        complete: () => note(`${name} complete`),
      });
    };
    if (output !== undefined) flow.holdOutput(helpers.hot(output, { t: true, f: false }));
    const bytes =
      typeof source === 'string'
        ? make('source', source, CHUNKS, 'reset')
        : source().pipe(finalize(() => note('source finalized')));
    const settings: HandleOptions = { ...options, flow, scheduler };
    const exchange = bytes.pipe(engine(handler({ flow, note, make, hear }), settings, flow));
    const frame = unsubscription?.indexOf('!') ?? -1;
    const running = exchange.subscribe({
      next: (chunk) => note(show(chunk)),
      error: (error: unknown) => note(['error', errorFacts(error)]),
      complete: () => note('complete'),
    });
    if (frame >= 0)
      scheduler.schedule(() => {
        note('unsubscribed');
        running.unsubscribe();
      }, frame);
    helpers.flush();
  });
  return { log, subscriptions };
}

function makerOf(
  { cold }: RunHelpers,
  note: (what: unknown) => void,
  subscriptions: [string, unknown][],
): World['make'] {
  return (name, marbles, values, error) => {
    const made = cold(marbles.trimEnd(), values, error);
    subscriptions.push([name, made.subscriptions]);
    return made.pipe(finalize(() => note(`${name} finalized`)));
  };
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? show(value) : String(value);
}
