/** Opens the listening sockets of one address, as servers of `node:net`. */
import { createServer, type Socket } from 'node:net';
import { Observable } from 'rxjs';
import type { Address } from '../server/address.js';
import {
  BACKLOG_CONNECTIONS,
  openAddress,
  type BoundTo,
  type Listen,
} from '../system/addresses/open-address.js';
import type { SocketAccess } from '../system/addresses/socket-access.js';

/** How to listen. */
export interface ServerCallbacks {
  /** Permissions, owner and group of a Unix socket's file. */
  readonly access: SocketAccess;
  /** Receives each connection, paused, half-open allowed, from the moment when the server listens. */
  readonly connected: (socket: Socket) => void;
  /** Receives errors of accepting, which leave the server open. */
  readonly acceptFailed: (error: Error) => void;
}

/** Opens an address: cold; see {@link openAddress}. */
export function openServer(
  address: Address,
  index: number,
  { access, connected, acceptFailed }: ServerCallbacks,
): Observable<string> {
  return openAddress(address, index, { access, listen: listenWith(connected, acceptFailed) });
}

function listenWith(
  connected: ServerCallbacks['connected'],
  acceptFailed: ServerCallbacks['acceptFailed'],
): Listen {
  return (target) =>
    new Observable<BoundTo | undefined>((subscriber) => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, connected);
      const failed = (error: Error): void => subscriber.error(error);
      server.on('error', failed);
      server.on('listening', () => {
        server.off('error', failed);
        server.on('error', acceptFailed);
        const bound = server.address();
        subscriber.next(
          typeof bound === 'object' && bound ? { host: bound.address, port: bound.port } : undefined,
        );
      });
      // Not as an option: Node.js ignores that for a descriptor.
      server.listen(target, BACKLOG_CONNECTIONS);
      return () => server.close();
    });
}
