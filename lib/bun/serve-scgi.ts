/** A server on `Bun.listen` as an Observable of its events. */
import type { Observable } from 'rxjs';
import type { AnyScgiHandler } from '../operators/types.js';
import type { ServerEvent } from '../server/server-event.js';
import type { ServeOptions } from '../system/serving/serve-options.js';
import { serveWith } from '../system/serving/serve-with.js';
import { openListener, requireBun, type Accept } from './open-listener.js';

/**
 * Serves a handler on `Bun.listen`. Options and events are the same as with `serveScgi` of `rxscgi/node`, at about half of its cost.
 * Subscribing starts to listen. Unsubscribing closes all connections at once; `until` drains first.
 *
 *     until:   --------------------u
 *     result:  -l--q-s--q---q-s----d--s(c|)     l: listening, q: request, s: response, d: draining, c: closed
 *
 * The differences from Node.js are in docs/reference/bun.md.
 *
 * @param handler - returns the response to a request.
 * @param options - addresses, limits and timeouts, each with its unit; see {@link ServeOptions}.
 * @returns the events of the server; see {@link ServerEvent}. A fault of one connection is a `failure` event.
 * @throws RangeError | TypeError at the call, when an option is invalid, on a runtime other than Bun, and in a worker of `node:cluster`.
 * Error notifications: the operating system's error when an address cannot be bound, and those of `until`.
 * @example
 * ```ts
 * import { text } from 'rxscgi';
 * import { serveScgi } from 'rxscgi/bun';
 *
 * serveScgi(({ path }) => text(`Hello, ${path}`), { listen: '127.0.0.1:4000' }).subscribe();
 * ```
 */
export function serveScgi(handler: AnyScgiHandler, options: ServeOptions): Observable<ServerEvent> {
  requireBun();
  return serveWith(
    ({ access, addresses }) =>
      (acceptor) => {
        const accept: Accept = (transport) => {
          transport.events = acceptor.accept(transport);
        };
        return addresses.map((address, index) => openListener(address, index, access, accept));
      },
    handler,
    options,
  );
}
