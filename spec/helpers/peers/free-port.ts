/** Finds a TCP port of 127.0.0.1 for a program that cannot be told to take any. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which Linux takes the ports of outgoing connections (32768 and up). */
const FIRST_PORT = 10_000;
const PORTS = 20_000;

/** Starts at a place of its own per process, so that parallel Jest workers do not race for one port. */
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
