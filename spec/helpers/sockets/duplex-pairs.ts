/** Connections of every kind that `usingSocket` takes: the application's end, and the gateway's. */
import { once } from 'node:events';
import {
  connect as connectTcp,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
} from 'node:net';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterwards, temporaryFolder } from './sockets.js';

export interface DuplexPair {
  /** The application's end. */
  readonly duplex: Duplex;
  /** The gateway's end. */
  readonly gateway: Duplex;
}

/** A key that both sides know needs no certificate. */
const PRE_SHARED_KEY = Buffer.alloc(16, 7);
const TLS = {
  ciphers: 'PSK-AES128-GCM-SHA256',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  allowHalfOpen: true,
} as const;

export const DUPLEX_PAIRS: Readonly<Record<string, () => DuplexPair | Promise<DuplexPair>>> = {
  TCP: async () => {
    const server = createTcpServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    return accepted(server, 'connection', () => {
      const { port } = server.address() as AddressInfo;
      return connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
    });
  },
  'a Unix socket': async () => {
    const path = join(temporaryFolder(), 'app.sock');
    const server = createTcpServer({ allowHalfOpen: true }).listen(path);
    return accepted(server, 'connection', () => connectTcp({ path, allowHalfOpen: true }));
  },
  TLS: async () => {
    const server = createTlsServer({ ...TLS, pskCallback: () => PRE_SHARED_KEY });
    server.listen(0, '127.0.0.1');
    return accepted(server, 'secureConnection', () => {
      const { port } = server.address() as AddressInfo;
      return connectTls({
        ...TLS,
        port,
        host: '127.0.0.1',
        pskCallback: () => ({ psk: PRE_SHARED_KEY, identity: 'gateway' }),
        checkServerIdentity: () => undefined,
      });
    });
  },
  'streams of the Web': () => {
    const [request, response] = [new TransformStream(), new TransformStream()];
    const end = ({ readable }: typeof request, { writable }: typeof request): Duplex =>
      Duplex.fromWeb({ readable, writable });
    return { duplex: end(request, response), gateway: end(response, request) };
  },
  'a pair of pipes': () => {
    const [request, response] = [new PassThrough(), new PassThrough()];
    const end = (readable: PassThrough, writable: PassThrough): Duplex => Duplex.from({ readable, writable });
    return { duplex: end(request, response), gateway: end(response, request) };
  },
};

async function accepted(server: Server, event: string, connect: () => Duplex): Promise<DuplexPair> {
  afterwards(() => server.close());
  await once(server, 'listening');
  const connection = once(server, event) as Promise<[Duplex]>;
  const gateway = connect();
  const [duplex] = await connection;
  return { duplex, gateway };
}

/** What the gateway's end gets: the text, and whether it came to an end or broke. */
export async function receive(gateway: Duplex): Promise<{ text: string; ending: 'end' | 'error' | 'close' }> {
  let text = '';
  let ending: 'end' | 'error' | 'close' = 'close';
  gateway.on('data', (chunk: Uint8Array) => (text += Buffer.from(chunk).toString('latin1')));
  await new Promise<void>((resolve) => {
    gateway.once('end', () => {
      ending = 'end';
      resolve();
    });
    gateway.once('error', () => {
      ending = 'error';
      resolve();
    });
    gateway.once('close', () => resolve());
  });
  return { text, ending };
}
