/** Opens the listening sockets of one address with `Bun.listen`. */
import { Observable } from 'rxjs';
import type { Address } from '../server/address.js';
import type { ListenTarget } from '../system/addresses/binding.js';
import { openAddress, type BoundTo, type Listen } from '../system/addresses/open-address.js';
import type { SocketAccess } from '../system/addresses/socket-access.js';
import { isClusterWorker } from '../system/addresses/worker-socket.js';
import { bunApi, type BunListener, type BunListenTarget, type BunSocket } from './bun-api.js';
import { BunTransport, HANDLERS, type Open } from './bun-transport.js';

/** Takes a connection, and sets the `events` of its transport. */
export type Accept = (transport: BunTransport, socket: BunSocket) => void;

/**
 * Opens an address: cold; see {@link openAddress}.
 *
 * @param accept - receives each connection, from the moment when it listens.
 */
export function openListener(
  address: Address,
  index: number,
  access: SocketAccess,
  accept: Accept,
): Observable<string> {
  return openAddress(address, index, { access, listen: listenWith(accept) });
}

/** @throws TypeError where `Bun.listen` is missing, or would not get the socket that the workers of a cluster share. */
export function requireBun(): void {
  bunApi();
  if (!isClusterWorker()) return;
  throw new TypeError('Bun.listen cannot share a socket with other workers: use rxscgi/node in a cluster');
}

function listenWith(accept: Accept): Listen {
  return (target) =>
    new Observable<BoundTo | undefined>((subscriber) => {
      let listener: BunListener;
      try {
        listener = bunApi().listen({
          ...bunTarget(target),
          socket: HANDLERS,
          data: openWith(accept, target),
          allowHalfOpen: true,
        });
      } catch (error) {
        subscriber.error(withCode(error, target));
        return undefined;
      }
      subscriber.add(() => listener.stop());
      const { hostname: host, port } = listener;
      subscriber.next('port' in target ? { host, port } : undefined);
      return undefined;
    });
}

function openWith(accept: Accept, target: ListenTarget): Open {
  // The sockets of a listener are all of one kind: that of its address, or of the descriptor, whose first socket tells. To ask each of
  // them would cost a call of the system.
  let isTcp = 'fd' in target ? undefined : 'port' in target;
  return (socket) => {
    isTcp ??= socket.localPort !== undefined;
    const transport = new BunTransport(socket, isTcp);
    socket.data = transport;
    accept(transport, socket);
    transport.open();
  };
}

function bunTarget(target: ListenTarget): BunListenTarget {
  if ('path' in target) return { unix: target.path };
  return 'fd' in target ? target : { hostname: target.host, port: target.port };
}

/** Bun's error has no code when a name does not resolve. */
function withCode(error: unknown, target: ListenTarget): unknown {
  const isUnresolved = 'host' in target && (error as Partial<NodeJS.ErrnoException>).code === undefined;
  return isUnresolved ? Object.assign(error as Error, { code: 'ENOTFOUND' }) : error;
}
