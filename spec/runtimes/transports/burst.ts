/** More connections at once than a server can accept. */
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connectTo } from './gateway.js';

/** More than Node.js and Bun let wait by themselves, and less than the 4,096 of lib/node. */
const BURST = 700;

/** How many of a burst may wait: what was asked for, within the bound of the system, and one more. */
export function waitingOf(backlog: number): number {
  return Math.min(
    BURST,
    1 + Math.min(backlog, Number(readFileSync('/proc/sys/net/core/somaxconn', 'latin1'))),
  );
}
/** Connects many times before the server can accept one. @returns how many may wait; the others fail at once. */
export function burst(address: string): Promise<number> {
  const sockets = Array.from({ length: BURST }, () => connectTo(address));
  const connected = (socket: Socket): Promise<boolean> =>
    new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
  return Promise.all(sockets.map(connected)).then((all) => {
    for (const socket of sockets) socket.destroy();
    return all.filter(Boolean).length;
  });
}
