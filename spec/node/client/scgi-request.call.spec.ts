/** How calls begin and end: connecting, resets, signals, retries. */
import { once, setMaxListeners } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  EMPTY,
  Subject,
  VirtualTimeScheduler,
  defer,
  firstValueFrom,
  forkJoin,
  from,
  mergeMap,
  of,
  race,
  retry,
  tap,
  throwError,
  timeout,
} from 'rxjs';
import { scgiClient, scgiRequest } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { afterwards, cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';
import { textOf, call, serve, raw, answering } from '../../helpers/sockets/outgoing/call-application.js';

expectNoProcessFaults();
cleanUpSockets();

describe('scgiRequest', () => {
  it('should take a reset after Content-Length bytes for success', async () => {
    const target = await raw(
      answering((socket) =>
        socket.write('Content-Length: 2\r\n\r\nok', () => setImmediate(() => socket.resetAndDestroy())),
      ),
    );
    expect(await call(target)).toBe('ok');
  });

  it('should not connect for a subscriber that is closed already', async () => {
    let connections = 0;
    const target = await raw((socket) => {
      connections++;
      socket.end('A: b\n\nok');
    });
    // It subscribes to its second source, although the first one has ended it.
    const joined = forkJoin([throwError(() => new Error('first')), scgiRequest(target)]);
    await expect(firstValueFrom(joined)).rejects.toThrow('first');
    // Connections are accepted in their order.
    expect(await call(target)).toBe('ok');
    expect(connections).toBe(1);
  });

  it.each(['scgiRequest', 'scgiClient'])(
    'should send pairs again that can be read only once, when %s is retried',
    async (name) => {
      const heads: string[] = [];
      const target = await raw((socket) => {
        socket.once('data', (chunk: Buffer) => {
          heads.push(chunk.toString('latin1'));
          socket.end(heads.length === 1 ? '' : 'A: b\n\nok');
        });
      });
      const headers = new Map([['Authorization', 'secret']]).entries();
      const variables = (function* (): Generator<[string, string]> {
        yield ['REMOTE_USER', 'me'];
      })();
      const init = { headers, variables };
      const response$ = name === 'scgiClient' ? scgiClient(target)(init) : scgiRequest(target, init);
      expect(await firstValueFrom(response$.pipe(mergeMap(textOf), retry(1)))).toBe('ok');
      expect(heads).toHaveLength(2);
      for (const head of heads) expect(head).toMatch(/HTTP_AUTHORIZATION\0secret\0.*REMOTE_USER\0me\0/);
    },
  );

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
    const arrived = new Subject<void>();
    const silent = await raw((socket) => socket.on('data', () => arrived.next()));
    const scheduler = new VirtualTimeScheduler();
    const late = firstValueFrom(scgiRequest(silent).pipe(timeout({ first: 20, scheduler })));
    await firstValueFrom(arrived);
    scheduler.flush();
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
    const quick = await serve(() => of({ body: 'quick' }));
    const first$ = race(scgiRequest(silent), scgiRequest(quick)).pipe(mergeMap(textOf));
    expect(await firstValueFrom(first$)).toBe('quick');
  });

  it('should give up connecting', async () => {
    const scheduler = new VirtualTimeScheduler();
    const target = await raw((socket) => socket.end());
    const failed = call(target, { connectTimeoutMs: 5, scheduler });
    // The system connects in a later turn of the event loop.
    scheduler.flush();
    await expect(failed).rejects.toMatchObject({ code: 'ERR_SCGI_CONNECT_TIMEOUT', status: 504, limit: 5 });
    expect(scheduler.now()).toBe(5);
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

  it.each<[string, number | undefined]>([
    ['as usual', undefined],
    ['that has no limit of listeners', 0],
  ])('should make many calls with one signal %s, without a warning', async (_what, limit) => {
    const { signal } = new AbortController();
    if (limit !== undefined) setMaxListeners(limit, signal);
    const target = await serve(({ path }) => of({ body: path }));
    const uris = Array.from({ length: 11 }, (_, i) => `/${i}`);
    expect(await Promise.all(uris.map((uri) => call(target, { uri, signal })))).toEqual(uris);
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
