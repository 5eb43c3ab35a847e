/** A listening socket as an Observable of connections. */
import type { Server, Socket } from 'node:net';
import { Observable, merge } from 'rxjs';
import { verifyOptionNames } from '../../core/options.js';
import { openServer } from './open-server.js';
import { resolveAddresses } from './resolve-addresses.js';
import { SOCKET_ACCESS_OPTIONS, verifySocketAccess, type SocketAccessOptions } from './socket-access.js';
import { socketStateOf } from '../socket-state.js';

/** Options of {@link listen}. */
export interface ListenOptions extends SocketAccessOptions {
  /** Called with the address that was bound, the port included. */
  readonly onListening?: ((address: string) => void) | undefined;
}

/**
 * Accepts connections: cold, so that subscribing listens and unsubscribing closes the listening socket (and no more: the
 * connections go on).
 *
 *     network:  ──a────b──c──
 *     result:   --a----b--c--      Sockets, paused until they are read, with half-open allowed
 *
 * @param target - an address (`127.0.0.1:4000`, `unix:/run/app.sock`, …) or a `net.Server`, which is made to listen by
 * whoever made it.
 * @returns the connections; never completes by itself, unless a given server is closed.
 * @throws TypeError | RangeError at the call, when the address or an option is invalid.
 * Error notifications: the system's error when the address cannot be bound.
 */
export function listen(target: string | Server, options: ListenOptions = {}): Observable<Socket> {
  verifyOptionNames('listen', options, { ...SOCKET_ACCESS_OPTIONS, onListening: true });
  const access = verifySocketAccess(options);
  if (typeof target !== 'string') return connectionsOf(target);
  const addresses = resolveAddresses([target]);
  return new Observable((subscriber) => {
    const connected = (socket: Socket): void => {
      socketStateOf(socket);
      subscriber.next(socket);
    };
    const acceptFailed = (error: Error): void => subscriber.error(error);
    const servers = addresses.map((address, index) =>
      openServer(address, index, { access, connected, acceptFailed }),
    );
    return merge(...servers).subscribe({
      next: (open) => options.onListening?.(open.address),
      error: (error: unknown) => subscriber.error(error),
    });
  });
}

function connectionsOf(server: Server): Observable<Socket> {
  return new Observable((subscriber) => {
    const connected = (socket: Socket): void => {
      // As `net.createServer({ allowHalfOpen: true })` would have done.
      socket.allowHalfOpen = true;
      socketStateOf(socket);
      subscriber.next(socket);
    };
    const failed = (error: Error): void => subscriber.error(error);
    const closed = (): void => subscriber.complete();
    server.on('connection', connected).on('error', failed).on('close', closed);
    return () => {
      server.off('connection', connected).off('error', failed).off('close', closed);
      server.close();
    };
  });
}
