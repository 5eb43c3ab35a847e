/** A gateway for the smoke suite. */
import { once } from 'node:events';
import { connect } from 'node:net';

/** `127.0.0.1:4000`, `unix:/path` or `unix:@name`. */
export function connectTo(address) {
  const options = { allowHalfOpen: true };
  if (address.startsWith('unix:'))
    return connect({ ...options, path: address.slice('unix:'.length).replace(/^@/, '\0') });
  const colon = address.lastIndexOf(':');
  return connect({ ...options, host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
}

/** Sends chunks with backpressure, and reads to the end. @returns the bytes of the response. */
export async function ask(address, chunks, { halfClose = false } = {}) {
  const socket = connectTo(address);
  const received = [];
  socket.on('data', (chunk) => received.push(chunk));
  const ended = once(socket, 'end');
  for (const chunk of chunks) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), ended]);
  }
  if (halfClose) socket.end();
  await ended;
  socket.destroy();
  return Buffer.concat(received);
}
