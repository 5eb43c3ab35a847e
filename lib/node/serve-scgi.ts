/** A server as an Observable of its events. */
import { Observable } from 'rxjs';
import type { AnyScgiHandler } from '../operators/types.js';
import type { ServerEvent } from '../server/server-event.js';
import { Server } from '../server/server.js';
import { NodeRuntime } from './node-runtime.js';
import { printApplicationError } from './print-error.js';
import { verifyServeOptions, type ServeOptions } from './serve-options.js';

/** What `rxscgi serve` and `rxscgi dev` pass to the `start()` of a module. A program that calls `serveScgi` has its own `until`. */
export interface StartContext {
  /** Notifies once, when the server begins to drain, and completes; replays. `takeUntil(draining)` ends event streams in time. */
  readonly draining: Observable<void>;
}

/**
 * Serves a handler: cold, so that subscribing listens, and unsubscribing ends everything at once.
 *
 *     until:   --------------------u
 *     result:  -l--q-s--q---q-s----d--s(c|)
 *
 *     l: listening, q: request, s: response, d: draining, c: closed
 *
 * Every connection goes through `fromSocket`, `handleScgi(handler, options)` and `writeTo`, with their backpressure both
 * ways. After `until` no connection is accepted; those under way have `drainTimeoutMs` to end. The result completes when
 * the last is closed.
 *
 *     serveScgi((request) => of({ body: `Hello, ${request.path}` }), { listen: '127.0.0.1:4000' }).subscribe();
 *
 * @param handler - from a request to its one response.
 * @param options - addresses, limits and timeouts, each with its unit; see {@link ServeOptions}.
 * @returns what the server does; see {@link ServerEvent}. Faults of single connections are `failure` events.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: the system's error when an address cannot be bound, and `until`'s.
 */
export function serveScgi(handler: AnyScgiHandler, options: ServeOptions): Observable<ServerEvent> {
  const verified = verifyServeOptions(options);
  if (typeof handler !== 'function')
    throw new TypeError(`the handler must be a function, not ${typeof handler}`);
  const { handle } = verified;
  const onError = options.onError ?? printApplicationError;
  const settings = { ...verified, handle: { ...handle, onError } };
  return new Observable((subscriber) => {
    const runtime = new NodeRuntime(settings);
    const server = new Server(handler, settings, runtime, subscriber);
    server.start();
    return () => server.abort();
  });
}
