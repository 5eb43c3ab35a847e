/** Calls an application that takes few connections at a time. */
import { mergeMap, type Observable } from 'rxjs';
import { verifyLimit, verifyOptionNames, type OptionNames } from '../../core/options.js';
import type { ScgiIncomingResponse } from '../../operators/outgoing/incoming-response.js';
import {
  CALL_OPTIONS,
  verifyCallInit,
  verifyCallOptions,
  verifyTarget,
  type ScgiCallInit,
  type ScgiCallOptions,
} from './call-options.js';
import { CallQueue } from './call-queue.js';
import { abortable, callApplication } from './scgi-request.js';

/** Options of {@link scgiClient}; those of the calls are their defaults. */
export interface ScgiClientOptions extends ScgiCallOptions {
  /** Connections at a time, at most. Default 1. */
  readonly concurrency?: number | undefined;
  /** Calls that wait for a connection, at most. Default 1 000. */
  readonly maxWaitingCalls?: number | undefined;
}

export const CLIENT_OPTIONS: OptionNames<ScgiClientOptions> = {
  ...CALL_OPTIONS,
  concurrency: true,
  maxWaitingCalls: true,
};

/** Calls the application of a {@link scgiClient}. */
export type ScgiClient = (init?: ScgiCallInit) => Observable<ScgiIncomingResponse>;

/**
 * Makes a function that calls one application, over few connections at a time. rTorrent, for one, answers one call after the other.
 *
 *     concurrency:  1
 *     call 1:       ──connect──────r──a──b──|
 *     call 2:       ······· waits ··········──connect──────r──c──|
 *
 * Cold: a call queues when it is subscribed, and is made in the order of the subscriptions. It leaves the queue when it is unsubscribed or
 * its signal is aborted. Its place is free again when its connection is over: after the whole response, an error, or the
 * unsubscription of the response and its body. A body that nobody takes keeps the place for `unreadTimeoutMs`. The timeouts begin
 * with the connection; to bound the wait, or a response that goes on for ever, use RxJS's `timeout`.
 *
 * @param target - an address, as `scgiRequest` takes it.
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
    const call = withDefaults(init, defaults);
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
