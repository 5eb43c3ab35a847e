import { Socket } from 'node:net';
import { Subject, concatMap, from, map, mergeMap, of, reduce, take, tap, timer, type Observable } from 'rxjs';
import { decodeScgi, encodeScgi, pullMap, type ScgiHandler, type ScgiResponse } from '../../lib/index.js';
import { flowOf, fromSocket, listen, writeTo } from '../../lib/node/index.js';
import { requestBytes } from '../../lib/testing/index.js';
import { Log } from '../helpers/sockets/log.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import { TRANSPORTS, TestGateway, cleanUpSockets, socketPair } from '../helpers/sockets/sockets.js';
import { TestServer, letOthersGoOn } from '../helpers/sockets/test-server.js';

const MB = 1024 * 1024;
/** What a stream and a read of it hold beyond the mark: chunks of 64 KiB. */
const SLACK = 4 * 65_536;

expectNoProcessFaults();
cleanUpSockets();

/** Bytes of a body, counted. */
const lengthOf = (body: Observable<Uint8Array>): Observable<ScgiResponse> =>
  body.pipe(
    reduce((length, chunk) => length + chunk.length, 0),
    map((length) => ({ body: String(length) })),
  );

/** The pipeline by hand over one socket. */
const serveSocket = (socket: Socket, handler: ScgiHandler, bodyHighWaterMark = 65_536): Log<never> => {
  const flow = flowOf(socket);
  return new Log(
    fromSocket(socket).pipe(
      decodeScgi({ flow, bodyHighWaterMark }),
      mergeMap(handler),
      encodeScgi({ flow }),
      writeTo(socket),
    ),
  );
};

describe.each(TRANSPORTS)('backpressure over %s', (transport) => {
  it('should read no more than bodyHighWaterMark of a body that nobody takes', async () => {
    const { socket, gateway } = await socketPair(transport);
    const taken = new Subject<void>();
    const log = serveSocket(
      socket,
      ({ body }) =>
        taken.pipe(
          take(1),
          concatMap(() => lengthOf(body)),
        ),
      300_000,
    );
    const paused = new Log(flowOf(socket).inputPaused);
    gateway.write(requestBytes({ body: new Uint8Array(32 * MB) }));
    await paused.value((value) => value);
    await letOthersGoOn(new TestServer(() => of({})));
    expect(socket.bytesRead).toBeGreaterThan(300_000);
    expect(socket.bytesRead).toBeLessThan(300_000 + SLACK);
    expect(gateway.bytesSent).toBeLessThan(32 * MB);
    taken.next();
    expect(await gateway.response()).toMatch(new RegExp(`\r\n\r\n${32 * MB}$`));
    gateway.end();
    expect(await log.over()).toBe('complete');
    expect(paused.values.at(-1)).toBe(false);
  });

  it('should read no more while a pullMap is busy', async () => {
    const { socket, gateway } = await socketPair(transport);
    const next = new Subject<void>();
    let taken = 0;
    serveSocket(socket, ({ body }) =>
      body.pipe(
        pullMap((chunk) => {
          taken += chunk.length;
          return next.pipe(
            take(1),
            map(() => chunk),
          );
        }),
        (chunks) => lengthOf(chunks),
      ),
    );
    gateway.write(requestBytes({ body: new Uint8Array(32 * MB) }));
    await new Log(flowOf(socket).inputPaused).value((value) => value);
    await letOthersGoOn(new TestServer(() => of({})));
    expect(taken).toBeLessThanOrEqual(65_536);
    expect(socket.bytesRead).toBeLessThan(taken + 65_536 + SLACK);
  });

  it('should not pull a body while the gateway does not read', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.pause();
    let pulled = 0;
    function* chunks(): Generator<Uint8Array> {
      for (; pulled < 512; pulled++) yield new Uint8Array(65_536);
    }
    const log = serveSocket(socket, () => of({ body: chunks() }));
    gateway.write(requestBytes());
    await new Log(flowOf(socket).outputPaused).value((value) => value);
    await letOthersGoOn(new TestServer(() => of({})));
    expect(socket.writableLength).toBeLessThan(SLACK);
    expect(pulled).toBeLessThan(512);
    gateway.socket.resume();
    await gateway.response();
    gateway.end();
    expect(await log.over()).toBe('complete');
    expect(pulled).toBe(512);
    expect(gateway.socket.bytesRead).toBeGreaterThan(32 * MB);
  });

  it('should not deadlock with a gateway that sends everything before it reads anything', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.pause();
    serveSocket(socket, () => of({ body: new Uint8Array(16 * MB) }));
    gateway.socket.write(requestBytes({ body: new Uint8Array(16 * MB) }), () => gateway.socket.resume());
    const { length } = await gateway.response();
    expect(length).toBeGreaterThan(16 * MB);
  });

  it('should pass a body through, braked by the gateway that does not read', async () => {
    const { socket, gateway } = await socketPair(transport);
    gateway.socket.pause();
    serveSocket(socket, ({ body }) => of({ body }));
    gateway.write(requestBytes({ body: new Uint8Array(32 * MB) }));
    await new Log(flowOf(socket).inputPaused).value((value) => value);
    await letOthersGoOn(new TestServer(() => of({})));
    expect(socket.writableLength).toBeLessThan(SLACK);
    expect(gateway.bytesSent).toBeLessThan(32 * MB);
    gateway.socket.resume();
    expect((await gateway.response()).length).toBeGreaterThan(32 * MB);
  });
});

describe('backpressure of serveScgi', () => {
  it('should pause the sender of a body that nobody takes', async () => {
    const taken = new Subject<void>();
    const slow: ScgiHandler = ({ body }) =>
      taken.pipe(
        take(1),
        concatMap(() => lengthOf(body)),
      );
    const server = new TestServer((request) => (request.path === '/slow' ? slow(request) : of({})));
    const gateway = await server.send({ uri: '/slow', body: new Uint8Array(64 * MB) });
    await server.event('request');
    await letOthersGoOn(server);
    // The rest is in the buffers of the system, which hold some megabytes.
    expect(gateway.bytesSent).toBeLessThan(32 * MB);
    taken.next();
    expect(await gateway.response()).toMatch(new RegExp(`\r\n\r\n${64 * MB}$`));
  });

  it('should not blame the gateway for the time during which it does not read', async () => {
    const slow: ScgiHandler = ({ body }) => timer(120).pipe(concatMap(() => lengthOf(body)));
    const server = new TestServer(slow, { bodyTimeoutMs: 40 });
    expect(await server.exchange({ body: new Uint8Array(8 * MB) })).toBe(`200 ${8 * MB}`);
  });

  it('should not pull a body while the gateway does not read', async () => {
    let pulled = 0;
    function* chunks(): Generator<Uint8Array> {
      for (; pulled < 1024; pulled++) yield new Uint8Array(65_536);
    }
    const server = new TestServer(({ path }) => of({ body: path === '/large' ? chunks() : '' }));
    const gateway = await server.connect();
    gateway.socket.pause();
    gateway.write(requestBytes({ uri: '/large' }));
    await server.event('request');
    await letOthersGoOn(server);
    expect(pulled).toBeLessThan(512);
    gateway.socket.resume();
    expect((await gateway.response()).length).toBeGreaterThan(64 * MB);
  });
});

describe('the pipeline by hand', () => {
  it('should serve what listen accepts', async () => {
    let told: (address: string) => void;
    const address = new Promise<string>((resolve) => (told = resolve));
    const writes: number[] = [];
    const log = new Log(
      listen('127.0.0.1:0', { onListening: (bound) => told(bound) }).pipe(
        tap((socket) => {
          const write = (chunk: Uint8Array): boolean => {
            writes.push(chunk.length);
            return Socket.prototype.write.call(socket, chunk);
          };
          Object.assign(socket, { write });
        }),
        mergeMap((socket) => {
          const flow = flowOf(socket);
          return fromSocket(socket).pipe(
            decodeScgi({ flow }),
            mergeMap(({ path }) => from([{ body: `hello ${path}` }])),
            encodeScgi({ flow }),
            writeTo(socket),
          );
        }),
      ),
    );
    const gateway = await TestGateway.connect(await address);
    gateway.write(requestBytes({ uri: '/you' }));
    const response = await gateway.response();
    expect(response).toMatch(/hello \/you$/);
    // All of it in one write.
    expect(writes).toEqual([response.length]);
    expect(log.ending).toBeUndefined();
  });
});
