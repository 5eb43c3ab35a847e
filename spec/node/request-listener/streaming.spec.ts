/** Responses of a listener that go on after their head: events, cuts and the brake. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { openExchange } from '../../helpers/sockets/listener-server.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { letOthersGoOn } from '../../helpers/sockets/test-server.js';

cleanUpSockets();

describe('a response that goes on', () => {
  it('should send its head when it is flushed, and each event when it is written', async () => {
    const { gateway, response } = await openExchange();
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    await gateway.received((text) => text.endsWith('\r\n\r\n'));
    for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
      response.write(event);
      await gateway.received((text) => text.endsWith(event));
    }
    response.end();
    expect(await gateway.response()).toMatch(/\r\n\r\ndata: 1\n\ndata: 2\n\ndata: 3\n\n$/);
  });

  it.each<[string, (response: ServerResponse) => unknown, string]>([
    ['its destruction', (response) => response.destroy(), 'ERR_SCGI_RESPONSE_TRUNCATED'],
    ['that of its socket', ({ socket }) => socket?.destroy(), 'ERR_SCGI_RESPONSE_TRUNCATED'],
    ['the end of its socket', ({ socket }) => socket?.end(), 'ERR_SCGI_RESPONSE_TRUNCATED'],
    ['a chunk that is none', ({ socket }) => socket?.write('nonsense\r\n'), 'ERR_SCGI_RESPONSE_HEAD'],
  ])('should be cut by %s', async (_what, end, code) => {
    const { gateway, response, errors } = await openExchange();
    response.write('begun');
    await gateway.received((text) => text.endsWith('begun'));
    end(response);
    expect(await gateway.ending()).toBe('ECONNRESET');
    expect(errors).toMatchObject([{ code }]);
  });

  it('should be cut with the error of its destruction', async () => {
    const { gateway, response, errors } = await openExchange();
    response.write('begun');
    await gateway.received((text) => text.endsWith('begun'));
    const failure = new Error('the disk is gone');
    response.destroy(failure);
    expect(await gateway.ending()).toBe('ECONNRESET');
    expect(errors).toEqual([failure]);
  });

  it('should be cut when it ends before its length', async () => {
    const { gateway, response, errors } = await openExchange();
    response.writeHead(200, { 'Content-Length': '10' }).write('half');
    await gateway.received((text) => text.endsWith('half'));
    response.end();
    expect(await gateway.ending()).toBe('ECONNRESET');
    expect(errors).toMatchObject([{ code: 'ERR_SCGI_RESPONSE_TRUNCATED' }]);
  });

  it('should wait for a slow gateway, and go on with it', async () => {
    const { gateway, response, server } = await openExchange();
    gateway.socket.pause();
    const chunk = Buffer.alloc(65_536, 'x');
    let written = 0;
    let drains = 0;
    const writeUntilFull = (): void => {
      do written += chunk.length;
      while (response.write(chunk));
    };
    response.on('drain', () => {
      drains++;
      if (gateway.socket.isPaused()) writeUntilFull();
    });
    writeUntilFull();
    // The systems of both sides take some megabytes.
    for (let before = -1; before !== drains;) {
      before = drains;
      await letOthersGoOn(server);
    }
    expect(response.writableNeedDrain).toBe(true);
    expect(written).toBeLessThan(32_000_000);
    const drained = once(response, 'drain');
    gateway.socket.resume();
    await drained;
    response.end('the end');
    const text = await gateway.response();
    expect(text.length - text.indexOf('\r\n\r\n') - 4).toBe(written + 'the end'.length);
  });

  it('should answer with what its request brings', async () => {
    const { gateway, request, response } = await openExchange({
      method: 'POST',
      body: 'x'.repeat(3_000_000),
    });
    request.pipe(response);
    expect((await gateway.response()).split('\r\n\r\n')[1]).toHaveLength(3_000_000);
  });
});
