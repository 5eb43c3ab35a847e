/** What `httpToScgi` holds while one side is slower than the other, and how it tells a cut response on a Unix socket. */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { httpToScgi } from '../../../lib/node/gateway/http-to-scgi.js';
import type { ServerEvent } from '../../../lib/node/index.js';
import { FakeApplication, type FakeConnection } from '../../helpers/sockets/fake-application.js';
import { MIB } from '../../helpers/peers/pattern.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { requestWith } from '../../helpers/wire/requests.js';
import { TestGateway, afterwards, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

const LARGE = 64 * MIB;
/** Far above what the kernel's buffers and ours come to, far below LARGE. */
const HELD = 24 * MIB;

jest.setTimeout(30_000);
cleanUpSockets();
expectNoProcessFaults();

interface Ends {
  readonly client: TestGateway;
  readonly connection: FakeConnection;
}

async function connectThrough(request: string, events?: Subject<ServerEvent>): Promise<Ends> {
  const app = await FakeApplication.start('Unix');
  const server = createServer(httpToScgi(app.address, { events }));
  const host = await listening(server);
  afterwards(() => server.closeAllConnections());
  const accepted = app.accept();
  const client = await TestGateway.connect(host);
  client.write(request);
  return { client, connection: await accepted };
}

/** Sends LARGE bytes as fast as they are taken. */
function sendLarge(socket: Socket): void {
  const chunk = Buffer.alloc(65_536);
  let left = LARGE;
  const send = (): void => {
    while (left > 0) {
      left -= chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on('drain', send);
  send();
}

/**
 * Reads LARGE bytes, a chunk at a time, with some turns of the loop between.
 *
 * @returns how much was on its way, at most.
 */
async function readSlowly(socket: Socket, bytesSent: () => number): Promise<number> {
  let held = 0;
  socket.removeAllListeners('data');
  // One chunk, and no more.
  socket.on('data', () => socket.pause());
  socket.pause();
  while (socket.bytesRead < LARGE && !socket.destroyed) {
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    held = Math.max(held, bytesSent() - socket.bytesRead);
    socket.resume();
  }
  expect(socket.bytesRead).toBeGreaterThanOrEqual(LARGE);
  return held;
}

describe('httpToScgi', () => {
  it('should take a response no faster than its client does', async () => {
    const { client, connection } = await connectThrough('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const { socket } = connection;
    await connection.variables();
    connection.write(`Content-Length: ${LARGE}\n\n`);
    sendLarge(socket);
    const held = await readSlowly(client.socket, () => socket.bytesWritten - socket.writableLength);
    expect(held).toBeGreaterThan(65_536);
    expect(held).toBeLessThan(HELD);
  });

  it('should take an upload no faster than the application does', async () => {
    const { client, connection } = await connectThrough(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${LARGE}\r\n\r\n`,
    );
    const { socket } = connection;
    await connection.variables();
    sendLarge(client.socket);
    const held = await readSlowly(socket, () => client.bytesSent);
    expect(held).toBeGreaterThan(65_536);
    expect(held).toBeLessThan(HELD);
  });

  describe('before a Unix socket, which knows no reset', () => {
    const events = new Subject<ServerEvent>();

    async function half(): Promise<Ends & { id: string }> {
      const ends = await connectThrough('GET / HTTP/1.1\r\nHost: x\r\n\r\n', events);
      const id = Object.fromEntries(await ends.connection.variables())['REQUEST_ID']!;
      ends.connection.write('X: 1\n\nhalf');
      await ends.client.received((text) => text.endsWith('half\r\n'));
      return { ...ends, id };
    }

    function failed(id: string): void {
      events.next({ type: 'failure', error: new Error('x'), request: requestWith({ REQUEST_ID: id }) });
    }

    it('should cut the response when the server in this process reports its failure', async () => {
      const { client, connection, id } = await half();
      failed(id);
      connection.respond('');
      await client.ending();
      expect(client.text).not.toContain('\r\n0\r\n');
    });

    it('should not mistake the failure of another request for it', async () => {
      const { client, connection, id } = await half();
      const other = await half();
      failed(other.id);
      events.next({ type: 'failure', error: new Error('x'), request: undefined });
      connection.respond('');
      await client.received((text) => text.endsWith('\r\n0\r\n\r\n'));
      expect(id).not.toBe(other.id);
    });

    it('should treat an error that was answered as complete', async () => {
      const { client, connection, id } = await half();
      failed(id);
      const request = requestWith({ REQUEST_ID: id });
      const figures = { aborted: false, bytesIn: 0, bytesOut: 0, durationMs: 0 };
      events.next({ type: 'response', request, status: 500, ...figures });
      connection.respond('');
      await client.received((text) => text.endsWith('\r\n0\r\n\r\n'));
    });

    it('should continue when that server fails', async () => {
      const failing = new Subject<ServerEvent>();
      const { client, connection } = await connectThrough('GET / HTTP/1.1\r\nHost: x\r\n\r\n', failing);
      await connection.variables();
      failing.error(new Error('x'));
      connection.respond('Content-Length: 4\n\nbody');
      await client.received((text) => text.endsWith('body'));
    });
  });
});
