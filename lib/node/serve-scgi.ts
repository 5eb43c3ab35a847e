/** A server as an Observable of its events. */
import type { Observable } from 'rxjs';
import { quoted } from '../core/quoted.js';
import type { AnyScgiHandler } from '../operators/types.js';
import { GuardedEvents } from '../server/guarded-events.js';
import type { ServerEvent } from '../server/server-event.js';
import { Server } from '../server/server.js';
import { NodeRuntime } from './node-runtime.js';
import { printApplicationError, printError } from './print-error.js';
import { verifyServeOptions, type ServeOptions } from './serve-options.js';

/** What `rxscgi serve` and `rxscgi dev` pass to the `start()` of a module. A program that calls `serveScgi` has its own `until`. */
export interface StartContext {
  /** Notifies once, when the server begins to drain, and completes; replays. `takeUntil(draining)` ends event streams in time. */
  readonly draining: Observable<void>;
}

/**
 * Serves a handler. Subscribing starts to listen; unsubscribing closes all connections at once, and `until` drains first.
 *
 *     until:   --------------------u
 *     result:  -l--q-s--q---q-s----d--s(c|)
 *
 *     l: listening, q: request, s: response, d: draining, c: closed
 *
 * Each connection goes through `handleScgi(handler, options)`, with backpressure in both directions. After
 * `until` has emitted, no connection is accepted, and exchanges under way have `drainTimeoutMs` to finish. The result completes when
 * the last connection is closed.
 *
 * A gateway that leaves, as when a client closes an event stream, unsubscribes the handler: see `whenGatewayEnds`. An exception in a
 * subscriber of the events, or of the diagnostics channel `rxscgi:request`, is printed on stderr, and connections go on; where
 * `config.onUnhandledError` of RxJS is set, it gets that of a subscriber of the events.
 *
 *     serveScgi((request) => of({ body: `Hello, ${request.path}` }), { listen: '127.0.0.1:4000' }).subscribe();
 *
 * @param handler - returns the response to a request.
 * @param options - addresses, limits and timeouts, each with its unit; see {@link ServeOptions}.
 * @returns the events of the server, which make an access log; see {@link ServerEvent}. Faults of single connections are `failure`
 *   events.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: the system's error when an address cannot be bound, and `until`'s.
 */
export function serveScgi(handler: AnyScgiHandler, options: ServeOptions): Observable<ServerEvent> {
  const verified = verifyServeOptions(options);
  if (typeof handler !== 'function')
    throw new TypeError(`the handler must be a function, not ${quoted(handler)}`);
  const { handle } = verified;
  const onError = options.onError ?? printApplicationError;
  const settings = { ...verified, handle: { ...handle, onError } };
  return new GuardedEvents(printError, (subscriber) => {
    const runtime = new NodeRuntime(settings);
    const server = new Server(handler, settings, runtime, subscriber);
    server.start();
    return () => server.abort();
  });
}
