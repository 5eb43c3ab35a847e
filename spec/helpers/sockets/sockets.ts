/** Both ends of a connection, the application's as a server gives it, and the gateway's as a test plays it. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTarget } from '../../../lib/server/address.js';

export const TRANSPORTS = ['TCP', 'Unix'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** What is undone after each test, the last first. */
const undo: (() => void)[] = [];

/** Registers what is to be undone after the test. */
export function afterwards(action: () => void): void {
  undo.push(action);
}

/** To be called once in a spec file: ends the sockets and removes the folders of each test. */
export function cleanUpSockets(): void {
  afterEach(() => {
    for (const action of undo.splice(0).reverse()) action();
  });
}

/** A new folder for Unix sockets. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
  afterwards(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The gateway's end: a socket that keeps what it gets. */
export class TestGateway {
  /** What came so far, as ISO-8859-1. */
  text = '';
  /** The code of the socket's error, if it had one. */
  error: string | undefined;
  /** Whether the application's FIN came. */
  ended = false;
  private waiting: (() => void)[] = [];

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
      this.wake();
    });
    socket.on('end', () => {
      this.ended = true;
      this.wake();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code));
    socket.on('close', () => this.wake());
    afterwards(() => socket.destroy());
  }

  /** @param address - `127.0.0.1:4000`, `unix:/run/app.sock`. */
  static async connect(address: string): Promise<TestGateway> {
    const socket = connect({ ...parseTarget(address), allowHalfOpen: true });
    const gateway = new TestGateway(socket);
    await once(socket, 'connect');
    return gateway;
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends without an end, as fast as it is taken, until the connection breaks. */
  flood(): void {
    const chunk = Buffer.alloc(65_536);
    const send = (): void => {
      while (this.socket.writable && this.socket.write(chunk));
    };
    this.socket.on('drain', send);
    send();
  }

  /** Bytes that the system has taken so far, to be sent. */
  get bytesSent(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  /** Says FIN. */
  end(): void {
    this.socket.end();
  }

  /** Waits until as much came. @throws when the connection is over before. */
  async received(test: (text: string) => boolean): Promise<string> {
    while (!test(this.text)) {
      if (this.ended || this.socket.closed)
        throw new Error(`the connection ended after ${this.text.slice(0, 200)}`);
      await this.change();
    }
    return this.text;
  }

  /** Waits for the end: `'end'` for FIN, else the code of the error, `'ECONNRESET'` when the connection was cut. */
  async ending(): Promise<string> {
    while (!this.ended && !this.socket.closed) await this.change();
    return this.ended ? 'end' : (this.error ?? 'close');
  }

  /** All that came, when the application has said FIN. @throws when the connection broke instead. */
  async response(): Promise<string> {
    const ending = await this.ending();
    if (ending !== 'end') throw new Error(`${ending} after ${this.text.slice(0, 200)}`);
    return this.text;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** The two ends of one connection. */
export interface SocketPair {
  /** The application's: paused, half-open allowed. */
  readonly socket: Socket;
  readonly gateway: TestGateway;
}

/** Connects two sockets. */
export async function socketPair(transport: Transport = 'TCP'): Promise<SocketPair> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const address = await listening(server, transport);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const [gateway, [socket]] = await Promise.all([TestGateway.connect(address), accepted]);
  server.close();
  afterwards(() => socket.destroy());
  return { socket, gateway };
}

/** Makes a server listen, and gives its address. */
export async function listening(server: Server, transport: Transport = 'TCP'): Promise<string> {
  const path = transport === 'Unix' ? join(temporaryFolder(), 'socket') : undefined;
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  afterwards(() => server.close());
  await once(server, 'listening');
  return path === undefined ? `127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${path}`;
}
