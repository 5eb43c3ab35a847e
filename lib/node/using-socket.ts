/** A connection as one Observable: read, answered and closed. */
import type { Duplex } from 'node:stream';
import type { Observable, ObservableInput } from 'rxjs';
import type { Flow } from '../operators/flow/flow.js';
import type { WriteOptions } from '../server/write-options.js';
import { useSocket } from '../system/sockets/socket-operators.js';
import { socketStateOf } from './socket-state.js';

/**
 * Reads a connection, writes the chunks that `project` returns, and closes the connection without losing data.
 *
 *     duplex:   ──a──b──
 *     project:  --a--b--       with the connection's flow, for the operators between
 *               -----x--y|
 *     duplex:   ─────x──yFIN · · closed      input is read and dropped meanwhile
 *     result:   -----------------|
 *
 * The same as `project(fromSocket(duplex), flowOf(duplex)).pipe(writeTo(duplex, options))`, with backpressure in both directions, and
 * with one difference: if `project` throws, the connection is cut.
 *
 *     listen('127.0.0.1:4000').pipe(
 *       mergeMap((socket) =>
 *         usingSocket(socket, (bytes, flow) =>
 *           bytes.pipe(decodeScgi({ flow }), mergeMap(handle), encodeScgi({ flow, answer: errorAnswer })),
 *         ).pipe(catchError(report)),
 *         100,
 *       ),
 *     )
 *
 * Subscribe to the bytes while `project` runs: bytes that arrive before that are dropped. Unsubscribing cuts the connection. See
 * {@link writeTo} for what the other side sees when a response is cut, and for when a gateway has left.
 *
 * @param duplex - a connected socket, or any other Duplex. It needs `allowHalfOpen: true`, so that the end of its input does not end its output.
 * @param project - gets the chunks of the connection and its flow, and returns the chunks to write; called at each subscription.
 * @param options - limits of writing and closing; see {@link WriteOptions}.
 * @returns an Observable that emits nothing and completes when the connection is closed.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: those of `project`'s Observable, and what `project` throws; ERR_SCGI_GATEWAY_GONE when the connection is lost
 * before everything was sent; ERR_SCGI_BODY_USED when other code reads or writes the connection, which then stays as it is.
 * @example
 * ```ts
 * import { handleScgi, text } from 'rxscgi';
 * import { listen, usingSocket } from 'rxscgi/node';
 * import { EMPTY, catchError, mergeMap } from 'rxjs';
 *
 * listen('unix:/run/app.sock')
 *   .pipe(
 *     mergeMap(
 *       (socket) =>
 *         usingSocket(socket, (bytes, flow) => bytes.pipe(handleScgi(() => text('Hello\n'), { flow }))).pipe(
 *           catchError(() => EMPTY),
 *         ),
 *       100, // at most so many at once
 *     ),
 *   )
 *   .subscribe();
 * ```
 */
export function usingSocket(
  duplex: Duplex,
  project: (bytes: Observable<Uint8Array>, flow: Flow) => ObservableInput<Uint8Array>,
  options?: WriteOptions,
): Observable<never> {
  return useSocket(duplex, socketStateOf, project, options);
}
