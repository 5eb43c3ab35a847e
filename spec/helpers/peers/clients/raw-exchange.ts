/** Sends bytes to an address, as a gateway does, and collects the reply. */
import { connect } from 'node:net';

export interface RawReply {
  /** The reply, as ISO-8859-1. */
  readonly text: string;
  /** How the other side ended the connection: with a FIN, while it still reads, or by closing it. */
  readonly ending: 'end' | 'cut';
}

export interface RawExchangeOptions {
  /** Sends FIN after the bytes, as the system does for a gateway that died. */
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
    // Node.js can report a reset right after data as an end. A write shows which of them it was.
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
