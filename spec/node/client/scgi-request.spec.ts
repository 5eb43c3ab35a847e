/** Calls of real applications: our own server, and raw ones that misbehave. */
import { once } from 'node:events';
import net, { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  EMPTY,
  NEVER,
  Subject,
  catchError,
  defer,
  finalize,
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  mergeMap,
  of,
  race,
  retry,
  tap,
  timeout,
  type Observable,
} from 'rxjs';
import type { ScgiHandler, ScgiIncomingResponse } from '../../../lib/index.js';
import { scgiRequest, type ScgiCallInit } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import {
  TRANSPORTS,
  afterwards,
  cleanUpSockets,
  listening,
  temporaryFolder,
  type Transport,
} from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

expectNoProcessFaults();
cleanUpSockets();

const textOf = (response: ScgiIncomingResponse): Observable<string> => response.text();
const call = (target: string, init?: ScgiCallInit): Promise<string> =>
  firstValueFrom(scgiRequest(target, init).pipe(mergeMap(textOf)));

/** Serves a handler by `serveScgi`. */
async function serve(handler: ScgiHandler, transport: Transport = 'TCP'): Promise<string> {
  const listen = transport === 'TCP' ? '127.0.0.1:0' : `unix:${join(temporaryFolder(), 'app.sock')}`;
  const server = new TestServer(handler, { listen });
  afterwards(() => server.until.next());
  return (await server.event('listening')).address;
}

/** Serves connections by hand. */
async function raw(accept: (socket: Socket) => void, transport: Transport = 'TCP'): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    afterwards(() => socket.destroy());
    accept(socket);
  });
  return listening(server, transport);
}

/** Answers when the request has begun to arrive. */
const answering = (answer: (socket: Socket) => void) => (socket: Socket) =>
  socket.once('data', () => answer(socket));

describe.each(TRANSPORTS)('scgiRequest over %s', (transport) => {
  it('should send a request, and emit the response', async () => {
    const hello: ScgiHandler = (request) =>
      request.text().pipe(
        map((text) => ({
          status: 201,
          headers: { 'Set-Cookie': ['a=1', 'b=2'] },
          body: `${request.method} ${request.path}?${request.query} ${text}`,
        })),
      );
    const response$ = scgiRequest(await serve(hello, transport), { method: 'PUT', uri: '/x?y', body: 'z' });
    const [response, text] = await firstValueFrom(
      response$.pipe(mergeMap((got) => got.text().pipe(map((body) => [got, body] as const)))),
    );
    expect([response.status, response.statusText, text]).toEqual([201, 'Created', 'PUT /x?y z']);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('should send head and body in one write', async () => {
    const chunks: number[] = [];
    const target = await raw((socket) => {
      socket.on('data', (chunk) => {
        chunks.push(chunk.length);
        socket.end(`Content-Length: 2\r\n\r\nok`);
      });
    }, transport);
    expect(await call(target, { body: 'x'.repeat(10_000) })).toBe('ok');
    expect(chunks).toEqual([expect.any(Number)]);
    expect(chunks[0]).toBeGreaterThan(10_000);
  });

  it('should emit the response at its head', async () => {
    const target = await raw(
      answering((socket) => socket.write('Status: 202 Accepted\r\n\r\n')),
      transport,
    );
    const response = await firstValueFrom(scgiRequest(target));
    expect(response.status).toBe(202);
  });

  it('should close the connection when it is unsubscribed', async () => {
    const closed = new Subject<void>();
    const target = await raw((socket) => {
      socket.resume();
      socket.on('close', () => closed.next());
      socket.on('end', () => socket.end());
      socket.once('data', () => subscription.unsubscribe());
    }, transport);
    const gone = firstValueFrom(closed);
    const subscription = scgiRequest(target).subscribe();
    await gone;
  });

  it('should unsubscribe the body of the request, too', async () => {
    const released = new Subject<void>();
    const target = await raw((socket) => socket.once('data', () => subscription.unsubscribe()), transport);
    const gone = firstValueFrom(released);
    const body = NEVER.pipe(finalize(() => released.next()));
    const subscription = scgiRequest(target, { body, contentLength: 1 }).subscribe();
    await gone;
  });

  it.each<[string, string, (socket: Socket) => void]>([
    ['nothing', 'ERR_SCGI_EMPTY_RESPONSE', (socket) => socket.end()],
    ['a part of the head', 'ERR_SCGI_RESPONSE_TRUNCATED', (socket) => socket.end('Status: 200 OK\r\n')],
    ['a part of the body', 'ERR_SCGI_RESPONSE_TRUNCATED', (socket) => socket.end('Content-Length: 9\n\nab')],
    ['what is no head', 'ERR_SCGI_RESPONSE_HEAD', (socket) => socket.end('what\n\n')],
    [
      'a head without end',
      'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE',
      (socket) => {
        const send = (): void => {
          while (socket.writable && socket.write(`X-A: ${'y'.repeat(10_000)}\n`));
        };
        socket.on('drain', send);
        send();
      },
    ],
  ])('should tell of %s', async (_what, code, answer) => {
    await expect(call(await raw(answering(answer), transport))).rejects.toMatchObject({ code, status: 502 });
  });

  it('should limit what is collected of an endless body', async () => {
    const target = await raw(
      answering((socket) => {
        const send = (): void => {
          while (socket.writable && socket.write('y'.repeat(10_000)));
        };
        socket.on('drain', send);
        socket.write('Status: 200 OK\r\n\r\n');
        send();
      }),
      transport,
    );
    await expect(call(target, { maxQueuedBytes: 100_000 })).rejects.toMatchObject({
      code: 'ERR_SCGI_BODY_TOO_LARGE',
    });
  });

  it('should tell of an application that is silent, before the head and inside the body', async () => {
    const silent = await raw((socket) => socket.resume(), transport);
    await expect(call(silent, { headersTimeoutMs: 30 })).rejects.toMatchObject({
      code: 'ERR_SCGI_RESPONSE_HEAD_TIMEOUT',
      status: 504,
      limit: 30,
    });
    const stalling = await raw(
      answering((socket) => socket.write('Status: 200 OK\r\n\r\nab')),
      transport,
    );
    await expect(call(stalling, { bodyTimeoutMs: 30 })).rejects.toMatchObject({
      code: 'ERR_SCGI_RESPONSE_BODY_TIMEOUT',
      status: 504,
    });
  });

  it('should tell of an application that does not read', async () => {
    const target = await raw((socket) => socket.pause(), transport);
    await expect(
      call(target, { body: new Uint8Array(30_000_000), headersTimeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'ERR_SCGI_RESPONSE_HEAD_TIMEOUT' });
  });

  it('should not count the time in which it waits for the body of the request', async () => {
    const target = await raw((socket) => {
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString();
        // The body comes after several times the timeout.
        if (received.endsWith('late')) socket.end('Content-Length: 2\r\n\r\nok');
      });
    }, transport);
    const late = defer(() => new Promise<string>((resolve) => setTimeout(() => resolve('late'), 100)));
    expect(await call(target, { body: late, contentLength: 4, headersTimeoutMs: 20 })).toBe('ok');
  });

  it('should error when the body of the request does', async () => {
    const fault = new Error('disk');
    const target = await raw((socket) => socket.resume(), transport);
    const body = defer(() => {
      throw fault;
    });
    await expect(call(target, { body, contentLength: 1 })).rejects.toBe(fault);
    await expect(call(target, { body: ['ab'], contentLength: 1 })).rejects.toMatchObject({
      code: 'ERR_SCGI_BODY_LENGTH',
    });
    await expect(call(target, { variables: { A: '\0' } })).rejects.toMatchObject({
      code: 'ERR_SCGI_HEADER_INVALID',
    });
  });

  it('should stream 50 MB both ways, with bounded memory between', async () => {
    const chunk = new Uint8Array(100_000).fill(7);
    const chunks = 500;
    const target = await serve(({ body }) => of({ body }), transport);
    let made = 0;
    let taken = 0;
    let most = 0;
    function* upload(): Generator<Uint8Array> {
      for (let index = 0; index < chunks; index++) {
        made += chunk.length;
        most = Math.max(most, made - taken);
        yield chunk;
      }
    }
    for await (const data of await streamed(target, { body: upload(), contentLength: chunks * chunk.length }))
      taken += data.length;
    expect(taken).toBe(50_000_000);
    // The sockets' own buffers, of both connections and directions.
    expect(most).toBeLessThan(25_000_000);
  }, 60_000);

  it('should brake an application whose response nobody takes', async () => {
    let stalled: () => void;
    const blocked = new Promise<void>((resolve) => (stalled = resolve));
    let socketOfApp: Socket | undefined;
    const size = 50_000_000;
    const target = await raw(
      answering((socket) => {
        socketOfApp = socket;
        socket.write(`Content-Length: ${size}\r\n\r\n`);
        socket.write(Buffer.alloc(size));
        waitUntilStill(socket, () => stalled());
      }),
      transport,
    );
    const read = await new Promise<number>((resolve, reject) => {
      scgiRequest(target, { bodyTimeoutMs: Infinity })
        .pipe(
          mergeMap(async (response) => {
            await blocked;
            expect(socketOfApp?.writableLength).toBeGreaterThan(0);
            return lastValueFrom(response.bytes().pipe(map((bytes) => bytes.length)));
          }),
          catchError((error: { code: string }) => of(error.code === 'ERR_SCGI_BODY_TOO_LARGE' ? -1 : 0)),
        )
        .subscribe({ next: resolve, error: reject });
    });
    expect(read).toBe(-1);
  }, 30_000);
});

/** The body as an iterable, while the response stays subscribed. */
function streamed(target: string, init: ScgiCallInit): Promise<ScgiIncomingResponse['body']> {
  return new Promise((resolve, reject) => {
    scgiRequest(target, init).subscribe({ next: ({ body }) => resolve(body), error: reject });
  });
}

/** Calls back when the system takes no more of a large write: twice the same figure, some exchanges of the loop apart. */
function waitUntilStill(socket: Socket, then: () => void, before = -1, looks = 0): void {
  const { bytesWritten, writableLength } = socket;
  const handle = (socket as unknown as { _handle?: { writeQueueSize?: number } })._handle;
  const waiting = handle?.writeQueueSize ?? bytesWritten + writableLength;
  const again = waiting === before ? looks + 1 : 0;
  if (again === 50) then();
  else setImmediate(() => waitUntilStill(socket, then, waiting, again));
}

describe('scgiRequest', () => {
  it('should take a reset after Content-Length bytes for success, and one before for an error', async () => {
    const reset = (socket: Socket, text: string): unknown =>
      socket.write(text, () => setImmediate(() => socket.resetAndDestroy()));
    const whole = await raw(answering((socket) => reset(socket, 'Content-Length: 2\r\n\r\nok')));
    expect(await call(whole)).toBe('ok');
    for (const head of ['Content-Length: 3\r\n\r\n', 'X-Open: end\r\n\r\n']) {
      const part = await raw(answering((socket) => reset(socket, `${head}ok`)));
      await expect(call(part)).rejects.toMatchObject({
        code: 'ERR_SCGI_RESPONSE_TRUNCATED',
        cause: { code: 'ECONNRESET' },
      });
    }
    const silent = await raw(answering((socket) => socket.resetAndDestroy()));
    await expect(call(silent)).rejects.toMatchObject({
      code: 'ERR_SCGI_EMPTY_RESPONSE',
      cause: { code: 'ECONNRESET' },
    });
  });

  it('should drop what comes after Content-Length bytes', async () => {
    expect(
      await call(await raw(answering((socket) => socket.write('Content-Length: 2\n\nok and more')))),
    ).toBe('ok');
  });

  it('should error when nobody listens, and be retried', async () => {
    const path = join(temporaryFolder(), 'app.sock');
    await expect(call(`unix:${path}`)).rejects.toMatchObject({
      code: 'ERR_SCGI_CONNECT_FAILED',
      status: 502,
      cause: { code: 'ENOENT' },
    });
    let tries = 0;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('\n\nok'));
    });
    afterwards(() => server.close());
    const text$ = defer(() => {
      tries++;
      return scgiRequest(`unix:${path}`, { body: 'x' });
    }).pipe(mergeMap(textOf), retry({ count: 1, delay: () => from(once(server.listen(path), 'listening')) }));
    await expect(firstValueFrom(text$)).rejects.toMatchObject({ code: 'ERR_SCGI_RESPONSE_HEAD' });
    expect(tries).toBe(2);
  });

  it('should connect again at each subscription', async () => {
    let connections = 0;
    const target = await raw(
      answering((socket) => socket.end(++connections < 3 ? '' : 'Content-Length: 2\n\nok')),
    );
    const text$ = scgiRequest(target).pipe(mergeMap(textOf), retry(2));
    expect(connections).toBe(0);
    expect(await firstValueFrom(text$)).toBe('ok');
    expect(connections).toBe(3);
  });

  it('should compose with timeout and race, which abort it', async () => {
    const closed = new Subject<void>();
    const silent = await raw((socket) => {
      socket.resume();
      socket.on('close', () => closed.next());
    });
    const gone = firstValueFrom(closed);
    await expect(firstValueFrom(scgiRequest(silent).pipe(timeout(20)))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    await gone;
    const goneToo = firstValueFrom(closed);
    const quick = await serve(() => of({ body: 'quick' }));
    const first$ = race(scgiRequest(silent), scgiRequest(quick)).pipe(mergeMap(textOf));
    expect(await firstValueFrom(first$)).toBe('quick');
    await goneToo;
  });

  it('should give up connecting', async () => {
    const socket = new net.Socket();
    const connect = jest.spyOn(net, 'connect').mockReturnValueOnce(socket);
    afterwards(() => connect.mockRestore());
    await expect(call('127.0.0.1:1', { connectTimeoutMs: 5 })).rejects.toMatchObject({
      code: 'ERR_SCGI_CONNECT_TIMEOUT',
      status: 504,
      limit: 5,
    });
    expect(socket.destroyed).toBe(true);
  });

  it('should be aborted by a signal: before, before the head, and inside the body', async () => {
    const reason = new Error('enough');
    let connections = 0;
    const target = await raw((socket) => {
      connections++;
      socket.on('data', () => controller.abort(reason));
    });
    await expect(call(target, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(connections).toBe(0);
    let controller = new AbortController();
    await expect(call(target, { signal: controller.signal })).rejects.toBe(reason);
    controller = new AbortController();
    const { signal } = controller;
    const endless = await raw(answering((socket) => socket.write('X-A: b\n\nab')));
    const result = firstValueFrom(
      scgiRequest(endless, { signal }).pipe(
        mergeMap(({ body }) =>
          body.pipe(
            tap(() => controller.abort(reason)),
            mergeMap(() => EMPTY),
          ),
        ),
      ),
    );
    await expect(result).rejects.toBe(reason);
  });

  it('should understand every form of address', async () => {
    const port = (await serve(({ path }) => of({ body: path }))).split(':')[1];
    for (const target of [`127.0.0.1:${port}`, `scgi://127.0.0.1:${port}`, `localhost:${port}`])
      expect(await call(target, { uri: '/a' })).toBe('/a');
    const unix = await serve(() => of({ body: 'unix' }), 'Unix');
    expect(await call(unix.replace('unix:', 'scgi://'))).toBe('unix');
    const name = `rxscgi-client-${process.pid}`;
    const server = new TestServer(() => of({ body: 'abstract' }), { listen: `unix:@${name}` });
    afterwards(() => server.until.next());
    await server.event('listening');
    expect(await call(`unix:@${name}`)).toBe('abstract');
  });

  it('should know that the answer to HEAD has no body', async () => {
    const target = await raw(answering((socket) => socket.write('Content-Length: 5\n\n')));
    expect(await call(target, { method: 'HEAD' })).toBe('');
  });

  it.each<[string, unknown, typeof TypeError | typeof RangeError]>([
    ['4000', {}, TypeError],
    ['fd:3', {}, TypeError],
    ['systemd', {}, TypeError],
    [5 as never, {}, TypeError],
    ['127.0.0.1:1', { connectTimeoutMs: 0 }, RangeError],
    ['127.0.0.1:1', { headersTimeoutMs: -1 }, RangeError],
    ['127.0.0.1:1', { bodyTimeoutMs: NaN }, RangeError],
    ['127.0.0.1:1', { maxResponseHeadBytes: 0 }, RangeError],
    ['127.0.0.1:1', { signal: {} }, TypeError],
    ['127.0.0.1:1', { maxQueuedBytes: 'x' }, RangeError],
  ])('should refuse %p with %j at the call', (target, init, type) => {
    expect(() => scgiRequest(target, init as never)).toThrow(type);
  });
});
