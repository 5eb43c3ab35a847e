/** Calls over each transport: our own server, and applications that misbehave. */
import { type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import {
  NEVER,
  Subject,
  VirtualTimeScheduler,
  catchError,
  defer,
  finalize,
  firstValueFrom,
  lastValueFrom,
  map,
  mergeMap,
  of,
  take,
} from 'rxjs';
import type { ScgiHandler, ScgiIncomingResponse } from '../../../lib/index.js';
import { scgiRequest, type ScgiCallInit } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { TRANSPORTS, cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { call, serve, raw, answering } from '../../helpers/sockets/outgoing/call-application.js';

expectNoProcessFaults();
cleanUpSockets();

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

  it('should not count the time in which it waits for the body of the request', async () => {
    const scheduler = new VirtualTimeScheduler(undefined, 1000);
    const body = new Subject<string>();
    const target = await raw((socket) => {
      // The head has come, and what comes next is late by any measure.
      socket.once('data', () => {
        scheduler.schedule(() => body.next('late'), 1000);
        scheduler.flush();
      });
      socket.on('data', (chunk: Buffer) => {
        if (chunk.toString().endsWith('late')) socket.end('Content-Length: 2\r\n\r\nok');
      });
    }, transport);
    const late$ = body.pipe(take(1));
    const times = { connectTimeoutMs: Infinity, headersTimeoutMs: 20, scheduler };
    expect(await call(target, { body: late$, contentLength: 4, ...times })).toBe('ok');
    expect(scheduler.now()).toBe(1000);
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
          catchError((error: unknown) =>
            of((error as { code: string }).code === 'ERR_SCGI_BODY_TOO_LARGE' ? -1 : 0),
          ),
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
  else void setImmediate().then(() => waitUntilStill(socket, then, waiting, again));
}
