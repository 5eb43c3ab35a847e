/** Opens one listening socket of whichever kind. */
import { createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net';
import { unlinkSync } from 'node:fs';
import { Observable } from 'rxjs';
import { formatAddress, type Address } from './address.js';
import { publishPath, temporaryPathFor, type PublishedPath } from './unix-path.js';

/** How to listen. */
export interface OpenOptions {
  /** Permissions of a Unix socket's file. */
  readonly socketMode: number;
  /** Gets each connection, paused, half-open allowed, as from the moment when the server is emitted. */
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
 * Error notifications: the system's, with its `code` (EADDRINUSE, EACCES, …).
 */
export function openServer(address: Address, options: OpenOptions): Observable<OpenServer> {
  return new Observable((subscriber) => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, options.connected);
    const temporary = address.kind === 'unix' ? temporaryPathFor(address.path) : undefined;
    let published: PublishedPath | undefined;
    const ready = (): void => {
      server.off('error', failed);
      server.on('error', options.acceptFailed);
      subscriber.next({ server, address: boundAddress(address, server) });
    };
    const failed = (error: Error): void => subscriber.error(error);
    server.on('error', failed);
    server.on('listening', () => {
      if (address.kind !== 'unix' || temporary === undefined) {
        ready();
        return;
      }
      const publishing = publishPath(temporary, address.path, options.socketMode).subscribe({
        next: (path) => {
          published = path;
          ready();
        },
        error: failed,
      });
      subscriber.add(publishing);
    });
    server.listen(listenOptions(address, temporary));
    return () => {
      published?.remove();
      server.close();
      if (temporary !== undefined && !published) quietlyUnlink(temporary);
    };
  });
}

function listenOptions(address: Address, temporary: string | undefined): ListenOptions & { fd?: number } {
  switch (address.kind) {
    case 'tcp':
      return { host: address.host, port: address.port };
    case 'unix':
      return { path: temporary };
    case 'abstract':
      return { path: `\0${address.name}` };
    case 'fd':
      return { fd: address.fd };
    case 'systemd':
      // The first descriptor that a service manager passes: sd_listen_fds(3).
      return { fd: 3 };
    default:
      return address satisfies never;
  }
}

/** The address with the port that the system chose. */
function boundAddress(address: Address, server: Server): string {
  if (address.kind !== 'tcp') return formatAddress(address);
  const { address: host, port } = server.address() as AddressInfo;
  return formatAddress({ kind: 'tcp', host, port });
}

function quietlyUnlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Never bound, or removed with the server.
  }
}
