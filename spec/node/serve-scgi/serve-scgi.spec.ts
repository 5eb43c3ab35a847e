import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NEVER, Observable, Subject, concat, from, map, of, startWith, timer } from 'rxjs';
import type { ScgiHandler } from '../../../lib/index.js';
import { serveScgi, type ServeOptions } from '../../../lib/node/index.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { Log } from '../../helpers/sockets/log.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { TestGateway, cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

const hello: ScgiHandler = ({ path }) => of({ body: `hello ${path}` });

/** Tells when it is unsubscribed. */
function tracked<T>(source: Observable<T>): { source: Observable<T>; gone: Promise<void> } {
  let tell: () => void;
  const gone = new Promise<void>((resolve) => (tell = resolve));
  return {
    gone,
    source: new Observable((subscriber) => {
      subscriber.add(source.subscribe(subscriber));
      subscriber.add(() => tell());
    }),
  };
}

expectNoProcessFaults();
cleanUpSockets();

describe('serveScgi', () => {
  it('should emit the events of each exchange, in order and with its figures', async () => {
    const server = new TestServer(hello);
    const request = requestBytes({ method: 'POST', uri: '/a', body: 'abc' });
    const gateway = await server.send(request);
    const response = await gateway.response();
    gateway.end();
    await server.event('response');
    server.until.next();
    expect(await server.log.over()).toBe('complete');
    expect(server.log.values).toEqual([
      { type: 'listening', address: expect.stringMatching(/^127\.0\.0\.1:[0-9]+$/) as unknown },
      { type: 'request', request: expect.objectContaining({ contentLength: 3 }) as unknown },
      {
        type: 'response',
        request: expect.objectContaining({ contentLength: 3 }) as unknown,
        status: 200,
        aborted: false,
        bytesIn: request.length,
        bytesOut: response.length,
        durationMs: expect.any(Number) as unknown,
      },
      { type: 'draining', connections: expect.any(Number) as unknown },
      { type: 'closed' },
    ]);
    const { durationMs } = await server.event('response');
    expect(durationMs).toBeGreaterThan(0);
    expect(durationMs).toBeLessThan(5000);
  });

  it('should answer in one write where the response is small', async () => {
    const server = new TestServer(hello);
    const gateway = await server.send({ uri: '/a' });
    let chunks = 0;
    gateway.socket.on('data', () => chunks++);
    expect(await gateway.response()).toBe('Status: 200 OK\r\nContent-Length: 8\r\n\r\nhello /a');
    expect(chunks).toBe(1);
  });

  it('should be cold: nothing happens before the subscription, and each subscription has its own server', async () => {
    const path = join(temporaryFolder(), 'app.sock');
    const source = serveScgi(hello, { listen: ['127.0.0.1:0', `unix:${path}`] });
    expect(existsSync(path)).toBe(false);
    const log = new Log(source);
    await log.value(({ type }) => type === 'listening');
    expect(existsSync(path)).toBe(true);
    expect(await new Log(source).over()).toMatchObject({ code: 'EADDRINUSE' });
    expect(existsSync(path)).toBe(true);
    log.unsubscribe();
    expect(existsSync(path)).toBe(false);
  });

  it('should serve on all of its addresses, and emit them when all are bound', async () => {
    const path = join(temporaryFolder(), 'app.sock');
    const server = new TestServer(hello, { listen: [`unix:${path}`, '127.0.0.1:0', '[::1]:0'] });
    await server.event('listening');
    const addresses = server.log.values.map((event) => 'address' in event && event.address) as string[];
    expect(addresses).toEqual([
      `unix:${path}`,
      expect.stringMatching(/^127\.0\.0\.1:/),
      expect.stringMatching(/^\[::1\]:/),
    ]);
    for (const address of addresses) {
      const gateway = await TestGateway.connect(address);
      gateway.write(requestBytes({ uri: '/x' }));
      expect(await gateway.response()).toMatch(/hello \/x$/);
      gateway.end();
    }
  });

  it('should bind no address when one of them cannot be bound', async () => {
    const other = new TestServer(hello);
    const { address } = await other.event('listening');
    const path = join(temporaryFolder(), 'app.sock');
    const server = new TestServer(hello, { listen: [`unix:${path}`, address] });
    expect(await server.log.over()).toMatchObject({ code: 'EADDRINUSE' });
    expect(server.log.values).toEqual([]);
    expect(existsSync(path)).toBe(false);
    expect(await other.exchange({ uri: '/still' })).toBe('200 hello /still');
  });

  it('should cut everything when it is unsubscribed', async () => {
    const { source, gone } = tracked(concat(of('begun'), NEVER));
    const server = new TestServer(() => of({ body: source }));
    const gateway = await server.send();
    await gateway.received((text) => text.endsWith('begun'));
    const { address } = await server.event('listening');
    server.log.unsubscribe();
    await gone;
    expect(await gateway.ending()).toBe('ECONNRESET');
    await expect(TestGateway.connect(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(server.types).toEqual(['listening', 'request']);
  });

  it('should unsubscribe the handler when the gateway goes away', async () => {
    const { source, gone } = tracked<never>(NEVER);
    const server = new TestServer(() => source);
    const gateway = await server.send();
    await server.event('request');
    gateway.socket.resetAndDestroy();
    await gone;
    expect(await server.event('failure')).toMatchObject({
      error: { code: 'ERR_SCGI_GATEWAY_GONE', cause: { code: 'ECONNRESET' } },
      request: { path: '/' },
    });
  });

  it('should answer a gateway that half-closes after its request', async () => {
    const server = new TestServer(() => timer(1).pipe(map(() => ({ body: 'late' }))));
    const gateway = await server.send();
    gateway.end();
    expect(await gateway.response()).toMatch(/late$/);
    expect(server.types).toEqual(['listening', 'request', 'response']);
  });

  it('should reset the connection of a handler that fails after the head, and emit one failure', async () => {
    const error = new Error('secret');
    const body = new Subject<string>();
    const server = new TestServer(() => of({ body: body.pipe(startWith('begun')) }));
    const gateway = await server.send();
    // Together with the data, libuv would take the reset for an end.
    await gateway.received((text) => text.endsWith('begun'));
    body.error(error);
    expect(await gateway.ending()).toBe('ECONNRESET');
    expect(server.types).toEqual(['listening', 'request', 'failure']);
    expect(await server.event('failure')).toMatchObject({ error });
  });

  it('should serve many at once', async () => {
    const server = new TestServer((request) => request.text().pipe(map((body) => ({ body }))));
    const bodies = Array.from({ length: 50 }, (_, index) => `body ${index}`.repeat(index * 100));
    const answers = await Promise.all(bodies.map((body) => server.exchange({ body })));
    expect(answers).toEqual(bodies.map((body) => `200 ${body}`));
  });

  it('should accept every kind of handler result', async () => {
    const server = new TestServer(({ path }) => {
      if (path === '/promise') return Promise.resolve({ body: 'promise' });
      if (path === '/array') return [{ body: ['a', 'r', 'r', 'a', 'y'] }];
      return from([{ body: concat(of('observable'), timer(1).pipe(map(() => '!'))) }]);
    });
    expect(await server.exchange({ uri: '/promise' })).toBe('200 promise');
    expect(await server.exchange({ uri: '/array' })).toBe('200 array');
    expect(await server.exchange({ uri: '/observable' })).toBe('200 observable!');
  });

  it.each<Partial<ServeOptions>>([
    { listen: [] },
    { listen: 'nowhere' },
    { listen: undefined as unknown as string },
    { lenientDuplicates: 'yes' as unknown as boolean },
    { onError: 1 as unknown as () => void },
  ])('should throw a TypeError at the call for %j', (options) => {
    expect(() => serveScgi(hello, { listen: '127.0.0.1:0', ...options })).toThrow(TypeError);
  });

  it.each<Partial<ServeOptions>>([
    { maxConnections: 0 },
    { maxWaiting: -1 },
    { drainTimeoutMs: 0 },
    { socketMode: 0o1000 },
    { lingerBytes: 0.5 },
    { maxHeaders: 0 },
  ])('should throw a RangeError at the call for %j', (options) => {
    expect(() => serveScgi(hello, { listen: '127.0.0.1:0', ...options })).toThrow(RangeError);
  });

  it('should throw at the call for a handler that is not a function', () => {
    expect(() => serveScgi({} as ScgiHandler, { listen: '127.0.0.1:0' })).toThrow(TypeError);
  });

  it.each([
    ['fromFetch', { fetch: () => new Response() }],
    ['fromRequestListener', Object.assign(() => {}, { handle: () => {}, use: () => {}, listen: () => {} })],
  ])('should name %s at the call for an application that needs it', (adapter, app) => {
    const call = (): unknown => serveScgi(app as unknown as ScgiHandler, { listen: '127.0.0.1:0' });
    expect(call).toThrow(TypeError);
    expect(call).toThrow(adapter);
  });
});
