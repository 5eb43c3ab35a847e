/** Calls of an application that takes few connections at a time, over real sockets. */
import type { Socket } from 'node:net';
import {
  Subject,
  Subscriber,
  VirtualTimeScheduler,
  filter,
  firstValueFrom,
  forkJoin,
  lastValueFrom,
  map,
  mergeMap,
  range,
  take,
  tap,
  toArray,
} from 'rxjs';
import { scgiClient, type ScgiClient } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { raw, textOf } from '../../helpers/sockets/outgoing/call-application.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

/** An application that counts the requests that it has not answered yet. */
class CountingApplication {
  open = 0;
  most = 0;
  readonly uris: string[] = [];
  readonly arrivals = new Subject<{ uri: string; socket: Socket }>();
  readonly ends = new Subject<string>();

  /** @param answer - what each request gets; nothing by default. */
  start(answer: (socket: Socket, uri: string) => void = () => undefined): Promise<string> {
    return raw((socket) => {
      let uri = '';
      socket.once('data', (chunk: Buffer) => {
        this.most = Math.max(this.most, ++this.open);
        uri = /REQUEST_URI\0([^\0]*)/.exec(chunk.toString('latin1'))?.[1] ?? '';
        this.uris.push(uri);
        answer(socket, uri);
        this.arrivals.next({ uri, socket });
      });
      socket.on('finish', () => this.open--);
      socket.on('end', () => socket.end());
      socket.on('close', () => this.ends.next(uri));
    });
  }

  arrival(uri: string): Promise<Socket> {
    return firstValueFrom(
      this.arrivals.pipe(
        filter((arrival) => arrival.uri === uri),
        map(({ socket }) => socket),
      ),
    );
  }
}

const echo = (socket: Socket, uri: string): unknown => socket.end(`Content-Type: text/plain\n\n${uri}`);
const textFrom = (client: ScgiClient, uri: string): Promise<string> =>
  firstValueFrom(client({ uri }).pipe(mergeMap(textOf)));

describe('scgiClient', () => {
  it.each([1, 3])(
    'should make %i calls at a time, in the order of the subscriptions',
    async (concurrency) => {
      const application = new CountingApplication();
      const client = scgiClient(await application.start(echo), { concurrency });
      const uris = Array.from({ length: 12 }, (_, index) => `/${index}`);
      const texts$ = forkJoin(uris.map((uri) => client({ uri }).pipe(mergeMap(textOf))));
      expect(await firstValueFrom(texts$)).toEqual(uris);
      if (concurrency === 1) expect(application.uris).toEqual(uris);
      expect(application.most).toBeLessThanOrEqual(concurrency);
    },
  );

  it('should make one call at a time unless told otherwise', async () => {
    const application = new CountingApplication();
    const client = scgiClient(await application.start(echo));
    const texts$ = range(5).pipe(
      mergeMap(() => client()),
      mergeMap(textOf),
      toArray(),
    );
    expect(await lastValueFrom(texts$)).toHaveLength(5);
    expect(application.most).toBe(1);
  });

  it('should be cold: a call queues when it is subscribed, and again at each subscription', async () => {
    const application = new CountingApplication();
    const client = scgiClient(await application.start(echo));
    const late$ = client({ uri: '/late' }).pipe(mergeMap(textOf));
    expect(await textFrom(client, '/early')).toBe('/early');
    expect(await firstValueFrom(forkJoin([late$, late$]))).toEqual(['/late', '/late']);
    expect(application.uris).toEqual(['/early', '/late', '/late']);
  });

  it('should give the place on when a call fails, is left, or is aborted', async () => {
    const application = new CountingApplication();
    const target = await application.start((socket, uri) => {
      if (uri === '/ok') echo(socket, uri);
      else if (uri === '/fail') socket.end();
    });
    const client = scgiClient(target);
    const controller = new AbortController();
    const left = application.arrival('/left');
    const leaving = client({ uri: '/left' }).subscribe();
    const failed = textFrom(client, '/fail');
    const arrived = application.arrival('/abort');
    const aborted = firstValueFrom(client({ uri: '/abort', signal: controller.signal }));
    const ok = textFrom(client, '/ok');
    await left;
    leaving.unsubscribe();
    await expect(failed).rejects.toMatchObject({ code: 'ERR_SCGI_EMPTY_RESPONSE' });
    await arrived;
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect(await ok).toBe('/ok');
    expect(application.uris).toEqual(['/left', '/fail', '/abort', '/ok']);
  });

  it('should give the place on when its turn comes while it is being unsubscribed', async () => {
    const application = new CountingApplication();
    const client = scgiClient(await application.start());
    const arrived = application.arrival('/first');
    const first = client({ uri: '/first' }).subscribe();
    const second = new Subscriber<unknown>();
    // Before what unsubscribes from the call.
    second.add(() => first.unsubscribe());
    client({ uri: '/second' }).subscribe(second);
    await arrived;
    const next = application.arrival('/third');
    const third = client({ uri: '/third' }).subscribe();
    second.unsubscribe();
    await next;
    third.unsubscribe();
    expect(application.uris).toEqual(['/first', '/third']);
  });

  it('should not call for who has left the queue, or is aborted in it', async () => {
    const application = new CountingApplication();
    const client = scgiClient(await application.start());
    const arrived = application.arrival('/first');
    const first = client({ uri: '/first' }).subscribe();
    client({ uri: '/gone' }).subscribe().unsubscribe();
    const controller = new AbortController();
    const aborted = firstValueFrom(client({ uri: '/aborted', signal: controller.signal }));
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await arrived;
    const next = application.arrival('/last');
    const last = client({ uri: '/last' }).subscribe();
    first.unsubscribe();
    await next;
    last.unsubscribe();
    expect(application.uris).toEqual(['/first', '/last']);
  });

  it('should keep the place while somebody reads the body, even if the result was left', async () => {
    const application = new CountingApplication();
    const target = await application.start((socket, uri) => {
      if (uri === '/long') socket.write('X-A: b\n\nab');
      else echo(socket, uri);
    });
    const client = scgiClient(target);
    const done: string[] = [];
    const reading = new Subject<void>();
    const arrived = application.arrival('/long');
    const long = lastValueFrom(
      client({ uri: '/long' }).pipe(
        take(1),
        mergeMap(({ body }) => body),
        tap(() => reading.next()),
      ),
    ).then(() => done.push('long'));
    const short = textFrom(client, '/short').then(() => done.push('short'));
    const [socket] = await Promise.all([arrived, firstValueFrom(reading)]);
    expect(application.uris).toEqual(['/long']);
    socket.end('cd');
    await Promise.all([long, short]);
    expect(done).toEqual(['long', 'short']);
  });

  it('should take the place from a body that nobody reads', async () => {
    const application = new CountingApplication();
    const target = await application.start((socket, uri) => {
      if (uri === '/unread') socket.write(`X-A: b\n\n${'x'.repeat(1_000_000)}`);
      else echo(socket, uri);
    });
    const scheduler = new VirtualTimeScheduler();
    const others = { connectTimeoutMs: Infinity, headersTimeoutMs: Infinity, bodyTimeoutMs: Infinity };
    const client = scgiClient(target, { scheduler, unreadTimeoutMs: 500, ...others });
    const failure = new Promise((resolve) => {
      client({ uri: '/unread', bodyHighWaterMark: 1 }).subscribe({
        // The input is paused by what has come with the head, or comes next.
        next: () => setImmediate(() => scheduler.flush()),
        error: resolve,
      });
    });
    const next = textFrom(client, '/next');
    await expect(failure).resolves.toMatchObject({
      code: 'ERR_SCGI_UNREAD_TIMEOUT',
      limit: 500,
      status: 500,
    });
    expect(await next).toBe('/next');
  });

  it('should take the place from a body whose reader holds still, and give that reader what is held', async () => {
    const application = new CountingApplication();
    const target = await application.start((socket, uri) => {
      if (uri === '/held') socket.write(`X-A: b\n\n${'x'.repeat(10_000_000)}`);
      else echo(socket, uri);
    });
    const client = scgiClient(target, { unreadTimeoutMs: 50 });
    const iterator = await new Promise<AsyncIterator<Uint8Array>>((resolve, reject) => {
      client({ uri: '/held' }).subscribe({
        next: ({ body }) => resolve(body[Symbol.asyncIterator]()),
        error: reject,
      });
    });
    await iterator.next();
    expect(await textFrom(client, '/next')).toBe('/next');
    expect(await iterator.next()).toMatchObject({ done: false });
    let error: unknown;
    while (error === undefined) await iterator.next().catch((thrown: unknown) => (error = thrown));
    expect(error).toMatchObject({ code: 'ERR_SCGI_UNREAD_TIMEOUT' });
  });

  it('should refuse a call when the queue is full, and no sooner', async () => {
    const application = new CountingApplication();
    const client = scgiClient(await application.start(), { maxWaitingCalls: 1 });
    const calls = [client().subscribe(), client().subscribe()];
    await expect(firstValueFrom(client())).rejects.toMatchObject({
      code: 'ERR_SCGI_TOO_MANY_CALLS',
      status: 503,
      limit: 1,
    });
    for (const call of calls) call.unsubscribe();
  });

  it('should have defaults for its calls, which each call may replace', async () => {
    const application = new CountingApplication();
    const target = await application.start();
    const scheduler = new VirtualTimeScheduler();
    application.arrivals.subscribe(() => scheduler.flush());
    const client = scgiClient(target, { headersTimeoutMs: 20, scheduler });
    for (const [headersTimeoutMs, limit] of [
      [undefined, 20],
      [10, 10],
    ])
      await expect(firstValueFrom(client({ headersTimeoutMs }))).rejects.toMatchObject({
        code: 'ERR_SCGI_RESPONSE_HEAD_TIMEOUT',
        limit,
      });
  });

  it('should refuse what is invalid, at the call', () => {
    expect(() => scgiClient('4000')).toThrow(TypeError);
    expect(() => scgiClient('127.0.0.1:1', { concurrency: 0 })).toThrow(RangeError);
    expect(() => scgiClient('127.0.0.1:1', { maxWaitingCalls: -1 })).toThrow(RangeError);
    expect(() => scgiClient('127.0.0.1:1', { unreadTimeoutMs: 0 })).toThrow(RangeError);
    expect(() => scgiClient('127.0.0.1:1', { parallel: 1 } as never)).toThrow(TypeError);
    expect(() => scgiClient('127.0.0.1:1')({ bodyTimeoutMs: -1 })).toThrow(RangeError);
    expect(() => scgiClient('127.0.0.1:1')({ url: '/' } as never)).toThrow("did you mean 'uri'?");
  });
});
