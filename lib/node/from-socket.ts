/** A socket's input as an Observable. */
import type { Socket } from 'node:net';
import { Observable } from 'rxjs';
import { socketStateOf } from './socket-state.js';

/**
 * Reads a socket.
 *
 *     socket:  ──a──b────c──FIN
 *     result:  --a--b----c--|
 *
 * Subscribing starts to read, unsubscribing stops; neither ends the connection. Reading pauses while `inputPaused` of
 * `flowOf(socket)` is true. A socket has one reader at a time. The socket must be made with `allowHalfOpen: true`, as
 * `listen` does, or Node closes it on the gateway's FIN before the answer is out.
 *
 * @param socket - a connected socket.
 * @returns its chunks; completes at FIN.
 * Error notifications: ERR_SCGI_GATEWAY_GONE when the connection is lost before FIN, with the socket's error as `cause`.
 */
export function fromSocket(socket: Socket): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    const state = socketStateOf(socket);
    state.read(subscriber);
    return () => state.stopReading();
  });
}
