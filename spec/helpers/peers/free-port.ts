/** Finds a free TCP port of 127.0.0.1, for programs that cannot choose one themselves. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux uses for outgoing connections (32768 and above). */
const FIRST_PORT = 10_000;
const PORTS = 20_000;

/** Differs between processes, so that parallel Jest workers do not race for a port. */
let next = (process.pid * 61) % PORTS;

export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PORTS; tried++) {
    const port = FIRST_PORT + next;
    next = (next + 1) % PORTS;
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
