/** A server as an Observable of its events. */
import type { Socket } from 'node:net';
import type { Observable } from 'rxjs';
import type { AnyScgiHandler } from '../operators/types.js';
import type { ServerEvent } from '../server/server-event.js';
import type { ServeOptions } from '../system/serving/serve-options.js';
import { serveWith } from '../system/serving/serve-with.js';
import { openServer } from './open-server.js';
import { SocketTransport } from './socket-transport.js';

/**
 * Serves a handler. Subscribing starts to listen. Unsubscribing closes all connections at once; `until` drains first.
 *
 *     until:   --------------------u
 *     result:  -l--q-s--q---q-s----d--s(c|)     l: listening, q: request, s: response, d: draining, c: closed
 *
 * Each connection goes through `handleScgi(handler, options)`, with backpressure in both directions. When `until` emits, the server
 * accepts no more connections, and gives the exchanges under way `drainTimeoutMs` to finish. The result completes when the last
 * connection is closed.
 *
 * When a gateway leaves, for instance because the client has closed an event stream, the handler is unsubscribed: see
 * `whenGatewayEnds`. If a subscriber of the events, or of the diagnostics channel `rxscgi:request`, throws, the exception is printed on
 * stderr and the connections go on. If RxJS's `config.onUnhandledError` is set, it gets the exceptions of subscribers of the events
 * instead.
 *
 *     serveScgi((request) => of({ body: `Hello, ${request.path}` }), { listen: '127.0.0.1:4000' }).subscribe();
 *
 * @param handler - returns the response to a request.
 * @param options - addresses, limits and timeouts, each with its unit; see {@link ServeOptions}.
 * @returns the events of the server, for logs and metrics; see {@link ServerEvent}. A fault of one connection is a `failure` event.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: the operating system's error when an address cannot be bound, and those of `until`.
 * @example
 * ```ts
 * import { text } from 'rxscgi';
 * import { serveScgi } from 'rxscgi/node';
 * import { fromEvent } from 'rxjs';
 *
 * serveScgi(({ path }) => text(`Hello, ${path}`), {
 *   listen: '127.0.0.1:4000',
 *   maxBodyBytes: 10_485_760,
 *   until: fromEvent(process, 'SIGTERM'),
 * }).subscribe((event) => console.log(event.type));
 * ```
 */
export function serveScgi(handler: AnyScgiHandler, options: ServeOptions): Observable<ServerEvent> {
  return serveWith(
    ({ access, addresses }) =>
      (acceptor) => {
        const connected = (socket: Socket): void => {
          const transport = new SocketTransport(socket);
          transport.events = acceptor.accept(transport);
        };
        const acceptFailed = (error: Error): void => acceptor.acceptFailed(error);
        return addresses.map((address, index) =>
          openServer(address, index, { access, connected, acceptFailed }),
        );
      },
    handler,
    options,
  );
}
