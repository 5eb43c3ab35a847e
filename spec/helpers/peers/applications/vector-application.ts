/** An SCGI application that answers each request with the bytes of a vector, whatever they are. */
import { createServer } from 'node:net';
import { listening } from '../../sockets/sockets.js';

/** Answers `/3` with the third vector, and `/elsewhere`, to which a local redirect leads, with `REDIRECTED`. */
export async function vectorApplication(inputs: readonly Uint8Array[]): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    // A gateway that has read enough closes.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const uri = /\0REQUEST_URI\0\/(.*?)\0[^]*\0,/.exec(text)?.[1];
      if (uri === undefined) return;
      // After a redirect, Apache leaves the old path in REQUEST_URI.
      const isRedirected = text.includes('/elsewhere');
      socket.end(isRedirected ? `Content-Type: text/plain\n\n${REDIRECTED}` : inputs[Number(uri)]!);
    });
  });
  return listening(server);
}

/** The body at the end of a local redirect. */
export const REDIRECTED = 'redirected';
