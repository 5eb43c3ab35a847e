/** Runs the programs of docs/reference/core.md. */
import * as net from 'node:net';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Duplex, Readable } from 'node:stream';
import * as core from '../../lib/core/index.js';
import * as testing from '../../lib/testing/index.js';
import { readPage, runSnippet, snippetsOf } from '../helpers/docs/snippets.js';

const snippets = snippetsOf(readPage('docs/reference/core.md')).filter(({ language }) => language === 'ts');
const programs = snippets.map((snippet) => runSnippet(snippet, { 'node:net': net, 'rxscgi/core': core }));

const { server } = programs[0] as { server: net.Server };
const { echo } = programs[1] as { echo: (connection: object) => Promise<void> };
const { respond } = programs[2] as {
  respond: (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>;
};

const REQUEST = testing.requestBytes({ method: 'POST', uri: '/you', body: 'What is the answer?' });
const listeners: net.Server[] = [];

async function listenOn(listener: net.Server): Promise<number> {
  listeners.push(listener.listen(0, '127.0.0.1'));
  await once(listener, 'listening');
  return (listener.address() as net.AddressInfo).port;
}

/** Sends a request and, with `ends`, FIN behind it; returns all that comes back. */
async function ask(port: number, request: Uint8Array, ends = false): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(request);
  if (ends) socket.end();
  let answer = '';
  for await (const chunk of socket.setEncoding('latin1')) answer += String(chunk);
  socket.destroy();
  return answer;
}

const read = (answer: string) => {
  const { status, body } = testing.responseOf(Buffer.from(answer, 'latin1'));
  return [status, testing.textOf(body)];
};

afterAll(() => listeners.forEach((listener) => listener.close()));

describe('docs/reference/core.md', () => {
  it('should have three programs of fewer than 30 lines', () => {
    const lengths = snippets.map(({ code }) => code.trimEnd().split('\n').length);
    expect(lengths).toHaveLength(3);
    expect(Math.max(...lengths)).toBeLessThan(30);
  });

  describe('on a socket', () => {
    let port: number;
    beforeAll(async () => (port = await listenOn(server)));

    it.each([false, true])('should answer, with FIN behind the request: %p', async (ends) => {
      expect(read(await ask(port, REQUEST, ends))).toEqual([200, '19 bytes\n']);
    });

    it('should close the connection at a fault, and go on serving', async () => {
      expect(await ask(port, Buffer.from('GET / HTTP/1.0\r\n\r\n'))).toBe('');
      expect(await ask(port, REQUEST.subarray(0, 30), true)).toBe('');
      expect(read(await ask(port, REQUEST))).toEqual([200, '19 bytes\n']);
    });
  });

  describe('on Web Streams', () => {
    it('should send the upload back, through a socket', async () => {
      const port = await listenOn(
        net.createServer({ allowHalfOpen: true }, (socket) => void echo(Duplex.toWeb(socket))),
      );
      expect(read(await ask(port, REQUEST))).toEqual([200, 'What is the answer?']);
    });

    it('should reject with the code of a fault', async () => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const cut = Readable.toWeb(Readable.from([REQUEST.subarray(0, -1)]));
      const echoed = echo({ readable: cut, writable });
      const reader = readable.getReader();
      const drain = async (): Promise<void> => {
        while (!(await reader.read()).done);
      };
      void drain().catch(() => undefined);
      await expect(echoed).rejects.toMatchObject({ code: 'ERR_SCGI_PREMATURE_EOF' });
    });
  });

  describe('over an async iterator', () => {
    it('should answer any chunks', async () => {
      for (const chunks of [[REQUEST], Array.from(REQUEST, (byte) => Uint8Array.of(byte))]) {
        let answer = '';
        for await (const chunk of respond(Readable.from(chunks)))
          answer += Buffer.from(chunk).toString('latin1');
        expect(read(answer)).toEqual([200, 'Hello, /you\n']);
      }
    });

    it('should answer on a socket by pipeline', async () => {
      const port = await listenOn(
        net.createServer({ allowHalfOpen: true }, (socket) => {
          void pipeline(respond(socket.iterator({ destroyOnReturn: false })), socket);
        }),
      );
      expect(read(await ask(port, REQUEST))).toEqual([200, 'Hello, /you\n']);
    });

    it('should throw at a premature end', async () => {
      const responding = respond(Readable.from([REQUEST.subarray(0, 40)]));
      await expect(responding.next()).rejects.toMatchObject({ code: 'ERR_SCGI_PREMATURE_EOF' });
    });
  });
});
