/** Finds ports for programs that cannot choose one themselves. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which Linux takes the ports of outgoing connections. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;

/** Ports that have been returned, but may not be bound yet. */
const given = new Set();

/** Returns a TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (given.has(port)) continue;
    const server = createServer();
    const free = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(port, '127.0.0.1');
    if (!(await free)) continue;
    server.close();
    await once(server, 'close');
    given.add(port);
    return port;
  }
}
