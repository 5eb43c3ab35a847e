/** The gateway's end of connections to program.mjs. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { parseTarget } from '../../../lib/server/address.js';
import { requestBytes, responseOf, type TestRequest, type TestResponse } from '../../../lib/testing/index.js';

export interface Outcome {
  readonly response: TestResponse;
  readonly bytes: Buffer;
  /** The code of the socket's error; undefined after a FIN. */
  readonly error: string | undefined;
}

/** Connects; the other end's FIN does not close this one. */
export function connectTo(address: string): Socket {
  return connect({ ...parseTarget(address), allowHalfOpen: true });
}

/** Reads to the end, or to an error. */
export async function outcomeOf(socket: Socket): Promise<Outcome> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const error = await new Promise<string | undefined>((resolve) => {
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    socket.on('end', () => resolve(undefined));
  });
  socket.destroy();
  const bytes = Buffer.concat(chunks);
  return { bytes, response: responseOf(bytes), error };
}

/** Sends a request, and reads the answer. */
export function exchange(address: string, request: TestRequest): Promise<Outcome> {
  const socket = connectTo(address);
  socket.write(requestBytes(request));
  return outcomeOf(socket);
}

/** The head of a request with a body of this length. */
export function headFor(uri: string, contentLength: number): Uint8Array {
  return requestBytes({ method: 'POST', uri, variables: { CONTENT_LENGTH: `${contentLength}` } });
}

/** More than Node.js and Bun let wait by themselves, and less than the 4,096 of lib/node. */
const BURST = 700;

/** How many of a burst may wait: what was asked for, within the bound of the system, and one more. */
export function waitingOf(backlog: number): number {
  return Math.min(
    BURST,
    1 + Math.min(backlog, Number(readFileSync('/proc/sys/net/core/somaxconn', 'latin1'))),
  );
}

function connected(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
}

/** Whether somebody accepts connections there. */
export async function accepts(address: string): Promise<boolean> {
  const socket = connectTo(address);
  const isAccepted = await connected(socket);
  socket.destroy();
  return isAccepted;
}

/** Connects many times before the server can accept one. @returns how many may wait; the others fail at once. */
export function burst(address: string): Promise<number> {
  const sockets = Array.from({ length: BURST }, () => connectTo(address));
  return Promise.all(sockets.map(connected)).then((all) => {
    for (const socket of sockets) socket.destroy();
    return all.filter(Boolean).length;
  });
}
