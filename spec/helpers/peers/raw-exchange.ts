/** Speaks to an address in bytes, as a gateway does, and takes all that comes back. */
import { connect } from 'node:net';

export interface RawReply {
  /** What came, as ISO-8859-1. */
  readonly text: string;
  /** `'end'` for FIN; else the code of the socket's error, `'ECONNRESET'` when the connection was cut. */
  readonly ending: string;
}

export interface RawExchangeOptions {
  /** Sends FIN after the bytes, as a gateway that died would. */
  readonly halfClose?: boolean;
}

/** @param address - `127.0.0.1:4000` or `unix:/run/app.sock`. */
export function rawExchange(
  address: string,
  bytes: Uint8Array | string,
  { halfClose = false }: RawExchangeOptions = {},
): Promise<RawReply> {
  return new Promise((resolve) => {
    const socket = connect({ ...endpointOf(address), allowHalfOpen: true });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.once('end', () => {
      socket.destroy();
      resolve({ text, ending: 'end' });
    });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ text, ending: error.code ?? error.message }),
    );
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    if (halfClose) socket.end(data);
    else socket.write(data);
  });
}

function endpointOf(address: string): { path: string } | { host: string; port: number } {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}
