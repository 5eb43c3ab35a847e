/** A socket's input as an Observable. */
import type { Duplex } from 'node:stream';
import type { Observable } from 'rxjs';
import { readSocket } from '../system/sockets/socket-operators.js';
import { socketStateOf } from './socket-state.js';

/**
 * Reads a socket, or any other Duplex.
 *
 *     socket:  ──a──b────c──FIN
 *     result:  --a--b----c--|
 *
 * Subscribing starts to read, and unsubscribing stops; neither ends the connection. Reading pauses while `inputPaused` of
 * `flowOf(socket)` is true. A socket has one reader at a time. If you make the socket yourself, use `allowHalfOpen: true`, as `listen`
 * does: otherwise Node.js closes it at the gateway's FIN, before the response has been sent.
 *
 * @param socket - a connected socket, a TLS socket, or a Duplex such as `Duplex.fromWeb` makes.
 * @returns the chunks of the input; completes at FIN.
 * Error notifications: ERR_SCGI_GATEWAY_GONE when the connection is lost before FIN, with the socket's error as `cause`.
 * @example
 * ```ts
 * import { fromSocket, listen } from 'rxscgi/node';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(mergeMap((socket) => fromSocket(socket)))
 *   .subscribe((chunk) => console.log(`${chunk.length} bytes`));
 * ```
 */
export function fromSocket(socket: Duplex): Observable<Uint8Array> {
  return readSocket(socket, socketStateOf);
}
