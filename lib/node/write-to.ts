/** A socket's output as an operator. */
import type { Duplex } from 'node:stream';
import type { OperatorFunction } from 'rxjs';
import type { WriteOptions } from '../server/write-options.js';
import { writeSocket } from '../system/socket-operators.js';
import { socketStateOf } from './socket-state.js';

/**
 * Writes chunks to a socket, and closes the connection in the way that loses nothing.
 *
 *     source:  --a--b--|
 *     socket:  ──a──b──FIN · · · · closed      input is read and dropped meanwhile
 *     result:  -------------------|
 *
 * While the system has not taken everything, `outputPaused` of `flowOf(socket)` is true. When the source completes: FIN, then
 * input is drained for at most `lingerMs` and `lingerBytes`. When the source fails, or the result is unsubscribed, the
 * connection is cut, so that a response that is not complete does not look so. What the other side sees of that:
 *
 * - TCP: a reset.
 * - Unix sockets and pipes know no reset: an end, like that of a complete response. Only a `Content-Length` tells.
 * - TLS: the end of the connection without `close_notify`, which not every client checks.
 * - `Duplex.fromWeb`: an error of the readable end, if the stream passes it on. Other Duplexes: what their `destroy` does.
 *
 * @param socket - a connected socket, or any other Duplex.
 * @param options - bounds of the drain; see {@link WriteOptions}.
 * @returns an operator function whose result emits nothing and completes when the socket is closed.
 * @throws RangeError at the call, when an option is invalid.
 * Error notifications: the source's, and ERR_SCGI_GATEWAY_GONE when the connection is lost before the system has taken
 * everything.
 * @example
 * ```ts
 * import { handleScgi, text } from 'rxscgi';
 * import { flowOf, fromSocket, listen, writeTo } from 'rxscgi/node';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(
 *     mergeMap((socket) =>
 *       fromSocket(socket).pipe(
 *         handleScgi(() => text('Hello\n'), { flow: flowOf(socket) }),
 *         writeTo(socket, { lingerMs: 2000 }),
 *       ),
 *     ),
 *   )
 *   .subscribe();
 * ```
 */
export function writeTo(socket: Duplex, options?: WriteOptions): OperatorFunction<Uint8Array, never> {
  return writeSocket(() => socketStateOf(socket), options);
}
