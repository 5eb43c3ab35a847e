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

  it.each([1000, 16_000, 65_536, 300_000])(
    'should keep its bytes when a buffer of %i bytes is filled again after each write',
    async (size) => {
      const { gateway, response, server } = await openExchange();
      gateway.socket.pause();
      response.flushHeaders();
      const letterOf = (index: number): string => String.fromCharCode(0x67 + (index % 20));
      const total = Math.ceil(8_000_000 / size);
      const buffer = Buffer.alloc(size);
      let count = 0;
      const writing = (async (): Promise<void> => {
        for (; count < total; count++) {
          buffer.fill(letterOf(count));
          await new Promise((resolve) => response.write(buffer, resolve));
        }
        response.end();
      })();
      // The systems of both sides take some megabytes; a write waits then.
      for (let before = -1; before !== count;) {
        before = count;
        await letOthersGoOn(server);
      }
      expect(count).toBeLessThan(total);
      gateway.socket.resume();
      await writing;
      const text = await gateway.response();
      const start = text.indexOf('\r\n\r\n') + 4;
      const wrong = Array.from({ length: total }, (_, index) => index).filter((index) => {
        const written = text.slice(start + index * size, start + (index + 1) * size);
        return written !== letterOf(index).repeat(size);
      });
      expect(wrong).toEqual([]);
    },
  );

  it('should call a write back with an error when the gateway leaves before it has taken that', async () => {
    const { gateway, response, server } = await openExchange();
    gateway.socket.pause();
    const written = new Promise((resolve) => response.write(Buffer.alloc(20_000_000), resolve));
    await letOthersGoOn(server);
    gateway.socket.resetAndDestroy();
    expect(await written).toBeInstanceOf(Error);
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

describe('a response that comes whole', () => {
  it('should finish when the gateway has taken it, and not before', async () => {
    const { gateway, response, server } = await openExchange();
    gateway.socket.pause();
    const finished = jest.fn();
    response.end(Buffer.alloc(20_000_000, 'x'), finished);
    await letOthersGoOn(server);
    expect(finished).not.toHaveBeenCalled();
    gateway.socket.resume();
    await once(response, 'finish');
    expect(finished).toHaveBeenCalledTimes(1);
    const text = await gateway.response();
    expect(text.length - text.indexOf('\r\n\r\n') - 4).toBe(20_000_000);
  });

  it('should finish when the gateway leaves, as in Node.js', async () => {
    const { gateway, response, server } = await openExchange();
    gateway.socket.pause();
    response.end(Buffer.alloc(20_000_000, 'x'));
    await letOthersGoOn(server);
    const closed = once(response, 'close');
    gateway.socket.resetAndDestroy();
    await closed;
    expect(response.writableFinished).toBe(true);
  });
});
