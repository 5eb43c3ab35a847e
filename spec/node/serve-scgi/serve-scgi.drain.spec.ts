import { Server as NetServer } from 'node:net';
import { EMPTY, NEVER, Subject, map, of, take, throwError } from 'rxjs';
import { serveScgi, type ServerEvent } from '../../../lib/node/index.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { Log } from '../../helpers/sockets/log.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { TestGateway, cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { TestServer, letOthersGoOn } from '../../helpers/sockets/test-server.js';

expectNoProcessFaults();
cleanUpSockets();

describe('the until of serveScgi', () => {
  it('should stop accepting, let exchanges under way finish, and complete', async () => {
    const opened = new Subject<void>();
    const server = new TestServer(() =>
      opened.pipe(
        take(1),
        map(() => ({ body: 'done' })),
      ),
    );
    const gateway = await server.send();
    const { address } = await server.event('listening');
    await server.event('request');
    server.until.next();
    expect(await server.event('draining')).toEqual({ type: 'draining', connections: 1 });
    await expect(TestGateway.connect(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    opened.next();
    expect(await gateway.response()).toMatch(/done$/);
    expect(server.log.ending).toBeUndefined();
    gateway.end();
    expect(await server.log.over()).toBe('complete');
    expect(server.types).toEqual(['listening', 'request', 'draining', 'response', 'closed']);
  });

  it('should neither report nor reset a response that is out at the deadline', async () => {
    const length = 1024 * 1024;
    const server = new TestServer(() => of({ body: new Uint8Array(length) }), { drainTimeoutMs: 50 });
    const gateway = await server.connect();
    gateway.socket.pause();
    gateway.write(requestBytes());
    await server.event('response');
    server.until.next();
    // It has not read it: a reset would take what our system has yet to send.
    expect(await server.log.over()).toBe('complete');
    expect(server.types).toEqual(['listening', 'request', 'response', 'draining', 'closed']);
    gateway.socket.resume();
    expect((await gateway.response()).length).toBeGreaterThan(length);
  });

  it('should not wait for connections that have sent nothing', async () => {
    const server = new TestServer(() => NEVER);
    const gateway = await server.connect();
    await letOthersGoOn(new TestServer(() => of({})), 3);
    server.until.next();
    expect(await server.log.over()).toBe('complete');
    expect(['ECONNRESET', 'end']).toContain(await gateway.ending());
    expect(server.types).toEqual(['listening', 'draining', 'closed']);
  });

  it('should answer a request that arrived while the event loop was busy', async () => {
    const server = new TestServer(({ path }) => {
      if (path === '/busy') {
        server.until.next();
        late.write(requestBytes({ uri: '/late' }));
        busyFor(1200);
      }
      return of({ body: path });
    });
    const late = await server.connect();
    const busy = await server.send({ uri: '/busy' });
    expect(await busy.response()).toMatch(/busy$/);
    expect(await late.response()).toMatch(/late$/);
    for (const gateway of [late, busy]) gateway.end();
    expect(await server.log.over()).toBe('complete');
  });

  it('should drain when it emits before the addresses are bound', async () => {
    const server = new TestServer(() => NEVER, { listen: 'localhost:0' });
    server.until.next();
    expect(await server.log.over()).toBe('complete');
    expect(server.types).toEqual(['draining', 'closed']);
  });

  it('should drain when it emits within the listening event', async () => {
    const stop = new Subject<void>();
    const seen: ServerEvent[] = [];
    const source = serveScgi(() => NEVER, { listen: ['127.0.0.1:0', '127.0.0.1:0'], until: stop });
    await new Promise<void>((complete) => {
      source.subscribe({
        next: (event) => {
          seen.push(event);
          if (event.type === 'listening') stop.next();
        },
        complete,
      });
    });
    expect(seen.map(({ type }) => type)).toEqual(['listening', 'draining', 'closed']);
  });

  it('should not listen at all when it has already emitted', () => {
    const listening = jest.spyOn(NetServer.prototype, 'listen');
    const log = new Log(serveScgi(() => NEVER, { listen: '127.0.0.1:0', until: of('now') }));
    expect(listening).not.toHaveBeenCalled();
    listening.mockRestore();
    expect(log.ending).toBe('complete');
    expect(log.values.map(({ type }) => type)).toEqual(['draining', 'closed']);
  });

  it('should ignore a completion without a value', async () => {
    const server = new TestServer(() => of({ body: 'served' }), { until: EMPTY });
    expect(await server.exchange()).toBe('200 served');
  });

  it('should close all connections when it fails', async () => {
    const error = new Error('boom');
    const stop = new Subject<void>();
    const server = new TestServer(() => NEVER, { until: stop });
    const gateway = await server.send();
    await server.event('request');
    stop.error(error);
    expect(await server.log.over()).toBe(error);
    expect(await gateway.ending()).toBe('ECONNRESET');
    expect(
      await new Log(serveScgi(() => NEVER, { listen: 'localhost:0', until: throwError(() => error) })).over(),
    ).toBe(error);
  });

  it('should be unsubscribed with the server', async () => {
    const stop = new Subject<void>();
    const server = new TestServer(() => NEVER, { until: stop });
    await server.event('listening');
    expect(stop.observed).toBe(true);
    server.log.unsubscribe();
    expect(stop.observed).toBe(false);
  });
});

/** Keeps the event loop from its work. */
function busyFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
