/** `listen` as specs use it: every connection is greeted, the addresses that are bound are the values. */
import { createServer, type Server, type Socket } from 'node:net';
import { renameSync } from 'node:fs';
import { once } from 'node:events';
import { Observable, take, toArray } from 'rxjs';
import { listen } from '../../../lib/node/index.js';
import type { SocketAccessOptions } from '../../../lib/system/addresses/socket-access.js';
import { Log } from './log.js';
import { TestGateway } from './sockets.js';

/** Listens on an address; the values are the addresses that were bound. */
export function listenOn(target: string | Server, access: SocketAccessOptions = {}): Log<string> {
  return new Log(
    new Observable<string>((subscriber) =>
      listen(target, { ...access, onListening: (address) => subscriber.next(address) }).subscribe({
        next: (socket) => socket.end('hello'),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    ),
  );
}

/** The first address that was bound. */
export function boundAddress(log: Log<string>): Promise<string> {
  return log.value(() => true);
}

/** What somebody hears who connects to one of {@link listenOn}. */
export async function greetingAt(address: string): Promise<string> {
  const gateway = await TestGateway.connect(address);
  return gateway.response();
}

/** Makes a socket file on which nobody listens, as a crash leaves it. */
export async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.before`);
  await once(server, 'listening');
  // Closing removes the file under the name that the server knows.
  renameSync(`${path}.before`, path);
  server.close();
  await once(server, 'close');
}

/** Listens for one connection. */
export function listenOnFirst(target: string): { address: Promise<string>; sockets: Promise<Socket[]> } {
  let told: (address: string) => void;
  const address = new Promise<string>((resolve) => (told = resolve));
  const log = new Log(listen(target, { onListening: (bound) => told(bound) }).pipe(take(1), toArray()));
  return { address, sockets: log.value(() => true) };
}
