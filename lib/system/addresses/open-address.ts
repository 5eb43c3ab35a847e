/** Opens the listening sockets of one address, of any kind, with what the runtime has for it. */
import { Observable, catchError, defer, map, of, retry, switchMap, throwError } from 'rxjs';
import { formatAddress, type Address } from '../../server/address.js';
import { bindingFor, type Binding, type ListenTarget } from './binding.js';
import { listenError } from './listen-error.js';
import type { SocketAccess } from './socket-access.js';
import type { PublishedPath } from './unix-path.js';

/**
 * Connections that the system holds until they are accepted; it has a limit of its own (net.core.somaxconn). With Node's
 * 511, a burst on a Unix socket fails in the gateway: connect() does not wait there.
 */
export const BACKLOG_CONNECTIONS = 4096;

/** How often another port is tried when the one that the system chose for IPv4 is in use for IPv6. */
const PORT_RETRIES = 20;

/** Where a socket listens, if over TCP. */
export interface BoundTo {
  readonly host: string;
  readonly port: number;
}

/**
 * Binds one socket and listens: cold; emits once when it listens, closes it when unsubscribed.
 *
 * Error notifications: an error with the system's `code`.
 */
export type Listen = (target: ListenTarget) => Observable<BoundTo | undefined>;

/** How to open an address. */
export interface OpenOptions {
  /** Permissions, owner and group of a Unix socket's file. */
  readonly access: SocketAccess;
  readonly listen: Listen;
}

type TcpAddress = Extract<Address, { kind: 'tcp' }>;

/**
 * Opens an address: cold; emits its text once when it is listened on, with the port that the system chose, and closes it when
 * unsubscribed. `localhost` is both 127.0.0.1 and ::1, on one port, or one of them where the system does not have the other.
 *
 * @param index - the address's place among those that are listened on.
 * Error notifications: an error with the system's `code` (EADDRINUSE, EACCES, …) and a message that names the address.
 */
export function openAddress(address: Address, index: number, options: OpenOptions): Observable<string> {
  const isLocalhost = address.kind === 'tcp' && address.host.toLowerCase() === 'localhost';
  const opened = isLocalhost ? openLocalhost(address, index, options) : openOne(address, index, options);
  return opened.pipe(map(formatAddress));
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

function openOne(address: Address, index: number, { access, listen }: OpenOptions): Observable<Address> {
  return new Observable((subscriber) => {
    const failed = (error: unknown): void => subscriber.error(listenError(error, address));
    let binding: Binding;
    try {
      binding = bindingFor(address, index, access);
    } catch (error) {
      failed(error);
      return;
    }
    let published: PublishedPath | undefined;
    subscriber.add(() => {
      published?.remove();
      binding.release();
    });
    const opening = listen(binding.target).pipe(
      switchMap((bound) =>
        binding.publish().pipe(
          map((path): Address => {
            published = path;
            binding.release();
            return address.kind === 'tcp' && bound ? { kind: 'tcp', ...bound } : address;
          }),
        ),
      ),
    );
    subscriber.add(opening.subscribe({ next: (bound) => subscriber.next(bound), error: failed }));
  });
}
