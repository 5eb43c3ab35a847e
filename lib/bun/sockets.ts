/** Connections of `Bun.listen` as Observables: the functions that `rxscgi/node` has for sockets of Node.js. */
import { Observable, merge, type ObservableInput, type OperatorFunction } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import { quoted } from '../core/text/quoted.js';
import type { Flow } from '../operators/flow/flow.js';
import { ConnectionState } from '../server/connection/connection-state.js';
import type { WriteOptions } from '../server/write-options.js';
import { closingUntaken, type ListenedSockets } from '../system/sockets/closing-untaken.js';
import { resolveAddresses } from '../system/addresses/resolve-addresses.js';
import { LISTEN_OPTIONS, verifySocketAccess, type ListenOptions } from '../system/addresses/socket-access.js';
import { REAL_TIME } from '../system/time/real-time.js';
import { readSocket, useSocket, writeSocket } from '../system/sockets/socket-operators.js';
import type { BunSocket } from './bun-api.js';
import type { BunTransport } from './bun-transport.js';
import { openListener, requireBun, type Accept } from './open-listener.js';

/**
 * Accepts connections. Subscribing starts to listen, and unsubscribing closes the listening socket.
 *
 *     network:  ──a────b──c──
 *     result:   --a----b--c--      sockets that allow half-open connections, paused until they are read
 *
 * After unsubscription, connections that are being read or written go on. Those that nobody has begun to read by the next turn of the
 * event loop are closed. The same happens after an error.
 *
 * @param address - `127.0.0.1:4000`, `unix:/run/app.sock`, …
 * @param options - permissions of Unix sockets; see {@link ListenOptions}.
 * @returns the connections, for {@link usingSocket}. Never completes.
 * @throws TypeError | RangeError at the call, when the address or an option is invalid, on a runtime other than Bun, and in a worker of
 * `node:cluster`.
 * Error notifications: an error with the `code` of the operating system, when the address cannot be bound.
 * @example
 * ```ts
 * import { handleScgi, text } from 'rxscgi';
 * import { listen, usingSocket } from 'rxscgi/bun';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(
 *     mergeMap((socket) =>
 *       usingSocket(socket, (bytes, flow) => bytes.pipe(handleScgi(() => text('Hello\n'), { flow }))),
 *     ),
 *   )
 *   .subscribe();
 * ```
 */
export function listen(address: string, options: ListenOptions = {}): Observable<BunSocket> {
  requireBun();
  verifyOptionNames('listen', options, LISTEN_OPTIONS);
  const access = verifySocketAccess(options);
  if (typeof address !== 'string')
    throw new TypeError(`the address must be a string, not ${quoted(address)}`);
  const addresses = resolveAddresses([address]);
  return closingUntaken((connected) => {
    const accept: Accept = (_transport, socket) => connected(socket);
    const opening = addresses.map((each, index) => openListener(each, index, access, accept));
    return new Observable((subscriber) =>
      merge(...opening).subscribe({
        next: (bound) => options.onListening?.(bound),
        error: (error: unknown) => subscriber.error(error),
      }),
    );
  }, SOCKETS);
}

const SOCKETS: ListenedSockets<BunSocket> = {
  adopt(socket, forget) {
    const transport = socket.data as BunTransport;
    const state = new ConnectionState(transport, undefined, REAL_TIME);
    transport.events = state;
    state.forgotten = forget;
  },
  isTaken: (socket) => stateOf(socket).taken,
  close: (socket) => (socket.data as BunTransport).destroy(),
};

/** @throws TypeError for what `listen` has not emitted: the handlers of other sockets are somebody else's. */
function stateOf(socket: BunSocket): ConnectionState {
  const transport = (socket as Partial<BunSocket> | null | undefined)?.data as
    { events?: unknown } | null | undefined;
  // By shape, not by class: the ESM and the CJS build may meet in one process.
  const state = transport?.events as Partial<ConnectionState> | undefined;
  if (typeof state?.writeBy === 'function') return state as ConnectionState;
  throw new TypeError('the socket must be one that listen of rxscgi/bun has emitted');
}

/** The state is looked up at the call, which throws for a foreign socket. */
function itself(state: ConnectionState): ConnectionState {
  return state;
}

/**
 * Returns the {@link Flow} of a socket, always the same one.
 *
 * @throws TypeError for a socket that `listen` has not emitted.
 * @example
 * ```ts
 * import { flowOf, listen } from 'rxscgi/bun';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(mergeMap((socket) => flowOf(socket).inputPaused))
 *   .subscribe((paused) => console.log(paused ? 'paused' : 'reading'));
 * ```
 */
export function flowOf(socket: BunSocket): Flow {
  return stateOf(socket);
}

/**
 * Reads a socket.
 *
 *     socket:  ──a──b────c──FIN
 *     result:  --a--b----c--|
 *
 * Subscribing starts to read, and unsubscribing stops; neither ends the connection. Reading pauses while `inputPaused` of
 * `flowOf(socket)` is true. A socket has one reader at a time.
 *
 * @param socket - a socket of {@link listen}.
 * @returns the chunks of the input; completes at FIN.
 * @throws TypeError at the call, for a socket that `listen` has not emitted.
 * Error notifications: ERR_SCGI_GATEWAY_GONE when the connection is lost before FIN, with the socket's error as `cause`.
 * @example
 * ```ts
 * import { fromSocket, listen } from 'rxscgi/bun';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(mergeMap((socket) => fromSocket(socket)))
 *   .subscribe((chunk) => console.log(`${chunk.length} bytes`));
 * ```
 */
export function fromSocket(socket: BunSocket): Observable<Uint8Array> {
  return readSocket(stateOf(socket), itself);
}

/**
 * Writes chunks to a socket, and closes the connection without losing data.
 *
 *     source:  --a--b--|
 *     socket:  ──a──b──FIN · · · · closed      input is read and dropped meanwhile
 *     result:  -------------------|
 *
 * While the operating system cannot take more, `outputPaused` of `flowOf(socket)` is true. When the source completes, FIN is sent, and
 * input is read and dropped until the other side ends it, for at most `lingerMs` without input and `lingerBytes`. When the source
 * errors, or the result is unsubscribed, the connection is cut: over TCP by a reset, on a Unix socket, which cannot be reset, by an end.
 *
 * A gateway that leaves before the source has completed ends the connection, too, with ERR_SCGI_GATEWAY_GONE. Its FIN alone may mean that
 * it still waits for the response: see `'detect'` of the option `whenGatewayEnds` of `serveScgi`, which holds here as well.
 *
 * @param socket - a socket of {@link listen}.
 * @param options - limits of writing and closing; see {@link WriteOptions}.
 * @returns an operator function whose result emits nothing and completes when the socket is closed.
 * @throws RangeError | TypeError at the call, when an option is invalid, and for a socket that `listen` has not emitted.
 * Error notifications: the source's own, and ERR_SCGI_GATEWAY_GONE when the connection is lost before everything was sent.
 * @example
 * ```ts
 * import { handleScgi, text } from 'rxscgi';
 * import { flowOf, fromSocket, listen, writeTo } from 'rxscgi/bun';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(
 *     mergeMap((socket) =>
 *       fromSocket(socket).pipe(handleScgi(() => text('Hello\n'), { flow: flowOf(socket) }), writeTo(socket)),
 *     ),
 *   )
 *   .subscribe();
 * ```
 */
export function writeTo(socket: BunSocket, options?: WriteOptions): OperatorFunction<Uint8Array, never> {
  return writeSocket(stateOf(socket), itself, options);
}

/**
 * Reads a connection, writes the chunks that `project` returns, and closes the connection without losing data.
 *
 *     socket:   ──a──b──
 *     project:  --a--b--       with the connection's flow, for the operators between
 *               -----x--y|
 *     socket:   ─────x──yFIN · · closed      input is read and dropped meanwhile
 *     result:   -----------------|
 *
 * The same as `usingSocket` of `rxscgi/node`.
 *
 * @param socket - a socket of {@link listen}.
 * @param project - gets the chunks of the connection and its flow, and returns the chunks to write; called at each subscription.
 * @param options - limits of writing and closing; see {@link WriteOptions}.
 * @returns an Observable that emits nothing and completes when the connection is closed.
 * @throws RangeError | TypeError at the call, when an option is invalid, and for a socket that `listen` has not emitted.
 * Error notifications: those of `project`'s Observable, and what `project` throws; ERR_SCGI_GATEWAY_GONE when the connection is lost
 * before everything was sent; ERR_SCGI_BODY_USED when other code reads or writes the connection, which then stays as it is.
 * @example
 * ```ts
 * import { handleScgi, text } from 'rxscgi';
 * import { listen, usingSocket } from 'rxscgi/bun';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(
 *     mergeMap((socket) =>
 *       usingSocket(socket, (bytes, flow) => bytes.pipe(handleScgi(() => text('Hello\n'), { flow }))),
 *     ),
 *   )
 *   .subscribe();
 * ```
 */
export function usingSocket(
  socket: BunSocket,
  project: (bytes: Observable<Uint8Array>, flow: Flow) => ObservableInput<Uint8Array>,
  options?: WriteOptions,
): Observable<never> {
  return useSocket(stateOf(socket), itself, project, options);
}
