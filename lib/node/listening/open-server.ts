/** Opens one listening socket of whichever kind. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Observable } from 'rxjs';
import { formatAddress, type Address } from '../../server/address.js';
import { bindingFor } from './binding.js';
import type { PublishedPath } from './unix-path.js';

/**
 * Connections that the system holds until they are accepted; it has a bound of its own (net.core.somaxconn). With Node's
 * 511, a burst on a Unix socket fails in the gateway: connect() there does not wait.
 */
const BACKLOG_CONNECTIONS = 4096;

/** How to listen. */
export interface OpenOptions {
  /** Permissions of a Unix socket's file. */
  readonly socketMode: number;
  /** Gets each connection, paused, half-open allowed, as from the moment when the server listens. */
  readonly connected: (socket: Socket) => void;
  /** Gets errors of accepting, which leave the server open. */
  readonly acceptFailed: (error: Error) => void;
}

/** A server that listens; `address` is what it is reached by, the port included. */
export interface OpenServer {
  readonly server: Server;
  readonly address: string;
}

/**
 * Opens a server: cold; emits it once when it listens, closes it when unsubscribed.
 *
 * @param index - the address's place among those that are listened on.
 * Error notifications: the system's, with its `code` (EADDRINUSE, EACCES, …).
 */
export function openServer(address: Address, index: number, options: OpenOptions): Observable<OpenServer> {
  return new Observable((subscriber) => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, options.connected);
    const binding = bindingFor(address, index, options.socketMode);
    let published: PublishedPath | undefined;
    const failed = (error: unknown): void => subscriber.error(error);
    server.on('error', failed);
    server.on('listening', () => {
      const publishing = binding.publish().subscribe({
        next: (path) => {
          published = path;
          server.off('error', failed);
          server.on('error', options.acceptFailed);
          subscriber.next({ server, address: boundAddress(address, server) });
        },
        error: failed,
      });
      subscriber.add(publishing);
    });
    server.listen({ ...binding.listen, backlog: BACKLOG_CONNECTIONS });
    return () => {
      if (published) published.remove();
      else binding.discard();
      server.close();
    };
  });
}

/** The address with the port that the system chose. */
function boundAddress(address: Address, server: Server): string {
  if (address.kind !== 'tcp') return formatAddress(address);
  const { address: host, port } = server.address() as AddressInfo;
  return formatAddress({ kind: 'tcp', host, port });
}
