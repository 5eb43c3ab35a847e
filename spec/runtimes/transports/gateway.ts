/** The gateway's end of connections to program.mjs. */
import { connect, type Socket } from 'node:net';
import { connectOptions, parseAddress } from '../../../lib/server/address.js';
import { requestBytes, responseOf, type TestRequest, type TestResponse } from '../../../lib/testing/index.js';

export interface Outcome {
  readonly response: TestResponse;
  readonly bytes: Buffer;
  /** The code of the socket's error; undefined after a FIN. */
  readonly error: string | undefined;
}

/** Connects; the other end's FIN does not close this one. */
export function connectTo(address: string): Socket {
  return connect({ ...connectOptions(parseAddress(address)), allowHalfOpen: true });
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
