/** A listening socket as an Observable of connections. */
import type { Server, Socket } from 'node:net';
import { Observable, merge } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import { quoted } from '../core/text/quoted.js';
import { closingUntaken, type ListenedSockets } from '../system/sockets/closing-untaken.js';
import { openServer } from './open-server.js';
import { resolveAddresses } from '../system/addresses/resolve-addresses.js';
import { LISTEN_OPTIONS, verifySocketAccess, type ListenOptions } from '../system/addresses/socket-access.js';
import { socketStateOf } from './socket-state.js';

/**
 * Accepts connections. Subscribing starts to listen, and unsubscribing closes the listening socket.
 *
 *     network:  ──a────b──c──
 *     result:   --a----b--c--      sockets with allowHalfOpen, paused until they are read
 *
 * After unsubscription, connections that are being read or written go on. Those that nobody has begun to read by the next turn of the
 * event loop are closed, because nobody would ever read them; so are those that wait in `mergeMap(serve, 100)`. The same happens
 * after an error.
 *
 * @param target - an address (`127.0.0.1:4000`, `unix:/run/app.sock`, …) or a `net.Server`, which you make listen yourself.
 * @param options - permissions of Unix sockets; see {@link ListenOptions}.
 * @returns the connections. Completes only if `target` is a server and that server is closed.
 * @throws TypeError | RangeError at the call, when the address or an option is invalid.
 * Error notifications: an error with the `code` of the operating system, when the address cannot be bound or a connection cannot be accepted.
 * @example
 * ```ts
 * import { listen, usingSocket } from 'rxscgi/node';
 * import { handleScgi, text } from 'rxscgi';
 * import { mergeMap } from 'rxjs';
 *
 * listen('unix:/run/app.sock', { socketMode: 0o660, onListening: (address) => console.log(address) })
 *   .pipe(
 *     mergeMap((socket) =>
 *       usingSocket(socket, (bytes, flow) => bytes.pipe(handleScgi(() => text('Hello\n'), { flow }))),
 *     ),
 *   )
 *   .subscribe();
 * ```
 */
export function listen(target: string | Server, options: ListenOptions = {}): Observable<Socket> {
  verifyOptionNames('listen', options, LISTEN_OPTIONS);
  const access = verifySocketAccess(options);
  if (typeof target !== 'string') {
    if (typeof (target as Partial<Server> | null | undefined)?.on !== 'function')
      throw new TypeError(
        `listen takes an address, as '127.0.0.1:4000', or a net.Server, not ${quoted(target)}`,
      );
    return closingUntaken((connected) => connectionsOf(target, connected), SOCKETS);
  }
  const addresses = resolveAddresses([target]);
  return closingUntaken(
    (connected) =>
      new Observable((subscriber) => {
        const acceptFailed = (error: Error): void => subscriber.error(error);
        const servers = addresses.map((address, index) =>
          openServer(address, index, { access, connected, acceptFailed }),
        );
        return merge(...servers).subscribe({
          next: (address) => options.onListening?.(address),
          error: (error: unknown) => subscriber.error(error),
        });
      }),
    SOCKETS,
  );
}

const SOCKETS: ListenedSockets<Socket> = {
  adopt(socket, forget) {
    // Not by a second listener of `close`: for more than one, an emitter makes an array, and copies it to emit.
    socketStateOf(socket).forgotten = forget;
  },
  isTaken,
  close: (socket) => socket.destroy(),
};

/** Whether somebody reads or writes a socket, or has done so: by our functions or by its own methods. */
function isTaken(socket: Socket): boolean {
  const isRead = socket.readableDidRead || socket.readableFlowing === true;
  const isAwaited = socket.listenerCount('data') > 0 || socket.listenerCount('readable') > 0;
  const isWritten = socket.writableLength > 0 || socket.bytesWritten > 0 || !socket.writable;
  return socketStateOf(socket).taken || isRead || isAwaited || isWritten;
}

function connectionsOf(server: Server, connected: (socket: Socket) => void): Observable<never> {
  return new Observable((subscriber) => {
    const accepted = (socket: Socket): void => {
      // As `net.createServer({ allowHalfOpen: true })` would have done.
      socket.allowHalfOpen = true;
      connected(socket);
    };
    const failed = (error: Error): void => subscriber.error(error);
    const closed = (): void => subscriber.complete();
    server.on('connection', accepted).on('error', failed).on('close', closed);
    return () => {
      server.off('connection', accepted).off('error', failed).off('close', closed);
      server.close();
    };
  });
}
