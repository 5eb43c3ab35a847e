/** Speaks to an address in bytes, as a gateway does, and takes all that comes back. */
import { connect } from 'node:net';

export interface RawReply {
  /** What came, as ISO-8859-1. */
  readonly text: string;
  /** How the other side ended: by FIN, and it still takes input, or by closing the connection under us. */
  readonly ending: 'end' | 'cut';
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
    function settle(ending: RawReply['ending']): void {
      socket.destroy();
      resolve({ text, ending });
    }
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.once('error', () => settle('cut'));
    // Node.js may report a reset right behind data as an end; a write tells which it was.
    socket.once('end', () =>
      halfClose ? settle('end') : socket.write('?', (error) => settle(error ? 'cut' : 'end')),
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
