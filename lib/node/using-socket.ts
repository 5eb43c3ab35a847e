/** A connection as one Observable: read, answered and closed. */
import type { Duplex } from 'node:stream';
import type { Observable, ObservableInput } from 'rxjs';
import type { Flow } from '../operators/flow.js';
import type { WriteOptions } from '../server/write-options.js';
import { useSocket } from '../system/socket-operators.js';
import { socketStateOf } from './socket-state.js';

/**
 * Reads a connection, writes what `project` makes of it, and closes it in the way that loses nothing.
 *
 *     duplex:   ──a──b──
 *     project:  --a--b--       with the connection's flow, for the operators between
 *               -----x--y|
 *     duplex:   ─────x──yFIN · · closed      input is read and dropped meanwhile
 *     result:   -----------------|
 *
 * The same as `project(fromSocket(duplex), flowOf(duplex)).pipe(writeTo(duplex, options))`, with the brakes of both directions in
 * place, except that an error that `project` throws cuts the connection, too.
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
 * Subscribe to the bytes when `project` is called, or what comes before is dropped. Unsubscribing gives the connection up. See
 * {@link writeTo} for what the other side sees of a response that was cut.
 *
 * @param duplex - a connected socket, or any Duplex; the other side's end must not end it (`allowHalfOpen`).
 * @param project - from the connection's chunks and its flow to the answer's chunks; called for each subscription.
 * @param options - bounds of the drain; see {@link WriteOptions}.
 * @returns an Observable that emits nothing and completes when the connection is closed.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: those of `project`'s Observable, what it throws, ERR_SCGI_GATEWAY_GONE when the connection is lost before
 * everything was taken, and ERR_SCGI_BODY_USED when somebody else reads or writes the connection, which is left alone then.
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
  return useSocket(() => socketStateOf(duplex), project, options);
}
