/** Calls an application that takes few connections at a time. */
import { mergeMap, type Observable } from 'rxjs';
import { verifyLimit, verifyOptionNames, type OptionNames } from '../../core/options.js';
import type { ScgiIncomingResponse } from '../../operators/outgoing/incoming-response.js';
import {
  CALL_OPTIONS,
  repeatable,
  verifyCallInit,
  verifyCallOptions,
  verifyTarget,
  type ScgiCallInit,
  type ScgiCallOptions,
} from './call-options.js';
import { CallQueue } from './call-queue.js';
import { abortable, callApplication } from './scgi-request.js';

/** Options of {@link scgiClient}. The limits of a call are defaults for all calls. */
export interface ScgiClientOptions extends ScgiCallOptions {
  /** Most connections at a time. Default 1. */
  readonly concurrency?: number | undefined;
  /** Most calls that wait for a connection. Default 1 000. */
  readonly maxWaitingCalls?: number | undefined;
}

export const CLIENT_OPTIONS: OptionNames<ScgiClientOptions> = {
  ...CALL_OPTIONS,
  concurrency: true,
  maxWaitingCalls: true,
};

/** The function that {@link scgiClient} returns. */
export type ScgiClient = (init?: ScgiCallInit) => Observable<ScgiIncomingResponse>;

/**
 * Makes a function that calls one application over a limited number of connections, for applications that answer one call after the
 * other, such as rTorrent.
 *
 *     concurrency:  1
 *     call 1:       ──connect──────r──a──b──|
 *     call 2:       ······· waits ··········──connect──────r──c──|
 *
 * Cold: a call enters the queue when it is subscribed, and leaves it when it is unsubscribed or its signal is aborted. Calls are made in
 * the order of their subscriptions. The next call is made when a connection has ended: after the whole response, after an error, or
 * when the response and its body have been unsubscribed. A body that nobody reads keeps its connection for `unreadTimeoutMs`. The
 * timeouts start with the connection. To limit the wait as well, or a response that never ends, use RxJS's `timeout`.
 *
 * @param target - an address, as in `scgiRequest`.
 * @param options - the number of connections, the length of the queue, and defaults for the calls; see {@link ScgiClientOptions}.
 * @returns a function like `scgiRequest`, without the target.
 * @throws RangeError | TypeError at the call, when the target or an option is invalid.
 * Error notifications: those of `scgiRequest`; ERR_SCGI_TOO_MANY_CALLS when the queue is full.
 * @example
 * ```ts
 * import { scgiClient } from 'rxscgi/node';
 * import { from, mergeMap } from 'rxjs';
 *
 * const call = scgiClient('127.0.0.1:4000', { concurrency: 4 });
 * from(['/a', '/b', '/c'])
 *   .pipe(mergeMap((uri) => call({ uri })))
 *   .subscribe(({ status }) => console.log(status));
 * ```
 */
export function scgiClient(target: string, options: ScgiClientOptions = {}): ScgiClient {
  verifyOptionNames('scgiClient', options, CLIENT_OPTIONS);
  const { concurrency, maxWaitingCalls, ...defaults } = options;
  const address = verifyTarget(target);
  verifyCallOptions(defaults);
  const queue = new CallQueue(
    verifyLimit('concurrency', concurrency, 1),
    verifyLimit('maxWaitingCalls', maxWaitingCalls, 1000, 0),
  );
  return (init = {}) => {
    verifyCallInit('a call', init);
    const call = withDefaults(repeatable(init), defaults);
    const times = verifyCallOptions(call);
    return abortable(call.signal, queue.take()).pipe(
      mergeMap((closed) => callApplication(address, times, call, { closed })),
    );
  };
}

/** An option that is given as `undefined` has its default. */
function withDefaults(init: ScgiCallInit, defaults: ScgiCallOptions): ScgiCallInit {
  const call: Record<string, unknown> = { ...defaults };
  for (const name in init) {
    const value: unknown = init[name as keyof ScgiCallInit];
    if (value !== undefined) call[name] = value;
  }
  return call;
}
