/** Opens the listening sockets of one address, of any kind. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Observable, catchError, defer, map, of, retry, switchMap, throwError } from 'rxjs';
import { formatAddress, type Address } from '../../server/address.js';
import { bindingFor, type Binding } from './binding.js';
import { listenError } from './listen-error.js';
import type { SocketAccess } from './socket-access.js';
import type { PublishedPath } from './unix-path.js';

/**
 * Connections that the system holds until they are accepted; it has a limit of its own (net.core.somaxconn). With Node's
 * 511, a burst on a Unix socket fails in the gateway: connect() does not wait there.
 */
const BACKLOG_CONNECTIONS = 4096;

/** How often another port is tried when the one that the system chose for IPv4 is in use for IPv6. */
const PORT_RETRIES = 20;

/** How to listen. */
export interface OpenOptions {
  /** Permissions, owner and group of a Unix socket's file. */
  readonly access: SocketAccess;
  /** Receives each connection, paused, half-open allowed, from the moment when the server listens. */
  readonly connected: (socket: Socket) => void;
  /** Receives errors of accepting, which leave the server open. */
  readonly acceptFailed: (error: Error) => void;
}

/** An address that is listened on, with the port that the system chose. */
export interface OpenServer {
  readonly address: string;
}

type TcpAddress = Extract<Address, { kind: 'tcp' }>;

/**
 * Opens an address: cold; emits once when it is listened on, closes it when unsubscribed. `localhost` is both 127.0.0.1 and ::1,
 * on one port, or one of them where the system does not have the other.
 *
 * @param index - the address's place among those that are listened on.
 * Error notifications: an error with the system's `code` (EADDRINUSE, EACCES, …) and a message that names the address.
 */
export function openServer(address: Address, index: number, options: OpenOptions): Observable<OpenServer> {
  const isLocalhost = address.kind === 'tcp' && address.host.toLowerCase() === 'localhost';
  const opened = isLocalhost ? openLocalhost(address, index, options) : openOne(address, index, options);
  return opened.pipe(map((bound) => ({ address: formatAddress(bound) })));
}

/**
 *     IPv4:    --o            o: bound, to the port that IPv6 is then to have
 *     IPv6:      --o
 *     result:  ----o
 */
function openLocalhost(address: TcpAddress, index: number, options: OpenOptions): Observable<Address> {
  const open = (host: string, port: number): Observable<Address> =>
    openOne({ kind: 'tcp', host, port }, index, options);
  const both = (bound: Address): Observable<Address> => {
    const { port } = bound as TcpAddress;
    return open('::1', port).pipe(
      map((): Address => ({ ...address, port })),
      catchError((error: unknown) => (isMissingFamily(error) ? of(bound) : throwError(() => error))),
    );
  };
  return defer(() => open('127.0.0.1', address.port)).pipe(
    catchError((error: unknown) =>
      isMissingFamily(error) ? open('::1', address.port) : throwError(() => error),
    ),
    switchMap((bound) => (bound.kind === 'tcp' && bound.host === '::1' ? of(bound) : both(bound))),
    retry({
      count: address.port === 0 ? PORT_RETRIES : 0,
      delay: (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? of(undefined) : throwError(() => error),
    }),
  );
}

function isMissingFamily(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function openOne(address: Address, index: number, options: OpenOptions): Observable<Address> {
  return new Observable((subscriber) => {
    const failed = (error: unknown): void => subscriber.error(listenError(error, address));
    let binding: Binding;
    try {
      binding = bindingFor(address, index, options.access);
    } catch (error) {
      failed(error);
      return undefined;
    }
    const server = createServer(
      { allowHalfOpen: true, noDelay: true, pauseOnConnect: true },
      options.connected,
    );
    let published: PublishedPath | undefined;
    server.on('error', failed);
    server.on('listening', () => {
      const publishing = binding.publish().subscribe({
        next: (path) => {
          published = path;
          binding.release();
          server.off('error', failed);
          server.on('error', options.acceptFailed);
          subscriber.next(boundAddress(address, server));
        },
        error: failed,
      });
      subscriber.add(publishing);
    });
    server.listen({ ...binding.listen, backlog: BACKLOG_CONNECTIONS });
    return () => {
      published?.remove();
      binding.release();
      server.close();
    };
  });
}

/** The address with the port that the system chose. */
function boundAddress(address: Address, server: Server): Address {
  if (address.kind !== 'tcp') return address;
  const { address: host, port } = server.address() as AddressInfo;
  return { kind: 'tcp', host, port };
}
