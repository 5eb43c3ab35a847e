/** A socket's output as an operator. */
import type { Duplex } from 'node:stream';
import type { OperatorFunction } from 'rxjs';
import type { WriteOptions } from '../server/write-options.js';
import { writeSocket } from '../system/sockets/socket-operators.js';
import { socketStateOf } from './socket-state.js';

/**
 * Writes chunks to a socket, and closes the connection without losing data.
 *
 *     source:  --a--b--|
 *     socket:  ──a──b──FIN · · · · closed      input is read and dropped meanwhile
 *     result:  -------------------|
 *
 * While the operating system cannot take more, `outputPaused` of `flowOf(socket)` is true. When the source completes, FIN is sent, and
 * input is read and dropped until the other side ends it, for at most `lingerMs` without input and `lingerBytes`. When the source
 * errors, or the result is unsubscribed, the connection is cut, so that an incomplete response does not look complete. The other side
 * sees:
 *
 * - TCP: a reset.
 * - Unix sockets and pipes cannot be reset: an end, like that of a complete response. Only a `Content-Length` shows the difference.
 * - TLS: the end of the connection without `close_notify`, which not every client checks.
 * - `Duplex.fromWeb`: an error of the readable end, if the stream passes it on. Other Duplexes: what their `destroy` does.
 *
 * A gateway that leaves before the source has completed ends the connection, too, with ERR_SCGI_GATEWAY_GONE. Its FIN alone may mean that
 * it still waits for the response: see `'detect'` of the option `whenGatewayEnds` of `serveScgi`, which holds here as well.
 *
 * @param socket - a connected socket, or any other Duplex.
 * @param options - limits of writing and closing; see {@link WriteOptions}.
 * @returns an operator function whose result emits nothing and completes when the socket is closed.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: the source's own, and ERR_SCGI_GATEWAY_GONE when the connection is lost before everything was sent.
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
  return writeSocket(socket, socketStateOf, options);
}
