/** What `scgiGateway` holds while one side is slower than the other. */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { scgiGateway } from '../../../lib/node/index.js';
import { FakeApplication, type FakeConnection } from '../../helpers/sockets/outgoing/fake-application.js';
import { MIB } from '../../helpers/peers/clients/pattern.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { TestGateway, afterwards, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

const LARGE = 64 * MIB;
/** Far above what the kernel's buffers and ours come to, far below LARGE. */
const HELD = 24 * MIB;

cleanUpSockets();
expectNoProcessFaults();

interface Ends {
  readonly app: FakeApplication;
  readonly client: TestGateway;
  readonly connection: FakeConnection;
}

async function connectThrough(request: string): Promise<Ends> {
  const app = await FakeApplication.start('Unix');
  const server = createServer(scgiGateway(app.address));
  const host = await listening(server);
  afterwards(() => server.closeAllConnections());
  const accepted = app.accept();
  const client = await TestGateway.connect(host);
  client.write(request);
  return { app, client, connection: await accepted };
}

/** Sends LARGE bytes as fast as they are taken. @returns when all of them have been written. */
function sendLarge(socket: Socket): Promise<void> {
  const chunk = Buffer.alloc(65_536);
  let left = LARGE;
  return new Promise((resolve) => {
    const send = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!socket.write(chunk)) return;
      }
      resolve();
    };
    socket.on('drain', send);
    send();
  });
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

describe('scgiGateway', () => {
  it('should take a response no faster than its client does', async () => {
    const { client, connection } = await connectThrough('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const { socket } = connection;
    await connection.variables();
    connection.write(`Content-Length: ${LARGE}\n\n`);
    void sendLarge(socket);
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
    void sendLarge(client.socket);
    const held = await readSlowly(socket, () => client.bytesSent);
    expect(held).toBeGreaterThan(65_536);
    expect(held).toBeLessThan(HELD);
  });

  it('should drop the rest of an upload once the application has answered without it', async () => {
    const { app, client, connection } = await connectThrough(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${LARGE}\r\n\r\n`,
    );
    await connection.variables();
    connection.socket.removeAllListeners('data');
    connection.socket.pause();
    const sent = sendLarge(client.socket);
    // Until nothing moves any more: the gateway has paused the client.
    let before: number;
    do {
      before = client.bytesSent;
      for (let turn = 0; turn < 200; turn++) await setImmediate();
    } while (before !== client.bytesSent);
    expect(client.bytesSent).toBeLessThan(HELD);
    const accepted = app.accept();
    connection.write('Content-Length: 2\n\nno');
    await client.received((text) => text.endsWith('no'));
    await sent;
    client.write('GET /next HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await (await accepted).variables()).toContainEqual(['REQUEST_URI', '/next']);
  });
});
