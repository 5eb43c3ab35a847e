/** A fetch over SCGI is aborted and redirected as the fetch standard says. */
import { setImmediate } from 'node:timers/promises';
import { Subject, firstValueFrom, map, mergeMap, of, tap, timer } from 'rxjs';
import type { ScgiHandler } from '../../../lib/index.js';
import { scgiFetch } from '../../../lib/node/index.js';
import { raw } from '../../helpers/sockets/outgoing/call-application.js';
import { fetchFrom, fetchOf, streamOf } from '../../helpers/sockets/outgoing/fetch-application.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

describe('scgiFetch, aborted', () => {
  const silent = (): Promise<string> => raw((socket) => socket.resume());

  it('should reject with an AbortError, or with the reason that was given', async () => {
    const fetch = scgiFetch(await silent());
    const controller = new AbortController();
    const aborted = fetch('/', { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    const reason = new Error('enough');
    await expect(fetch('/', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const request = new Request('http://a/', { signal: AbortSignal.abort(reason) });
    await expect(fetch(request)).rejects.toBe(reason);
    await expect(fetch('/', { signal: AbortSignal.timeout(1) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('should cancel the body of the request, before it is sent and while it is counted', async () => {
    const fetch = scgiFetch(await silent());
    const reason = new Error('enough');
    for (const early of [true, false]) {
      const cancelled = new Subject<unknown>();
      const controller = new AbortController();
      const body = new ReadableStream({ cancel: (why) => cancelled.next(why) });
      const why = firstValueFrom(cancelled);
      if (early) controller.abort(reason);
      const init = { method: 'POST', body, duplex: 'half', signal: controller.signal };
      const aborted = fetch('/', init);
      const rejected = expect(aborted).rejects.toBe(reason);
      if (!early) void setImmediate().then(() => controller.abort(reason));
      await rejected;
      expect(await why).toBe(reason);
    }
  });

  it('should cancel the body of the request with the reason while it is sent', async () => {
    const fetch = scgiFetch(await silent());
    const reason = new Error('enough');
    const controller = new AbortController();
    const sent = new Subject<void>();
    const isSent = firstValueFrom(sent);
    const cancelled = new Subject<unknown>();
    const why = firstValueFrom(cancelled);
    const chunks = [new Uint8Array(1), new Uint8Array(1)];
    const body = new ReadableStream({
      // The stream has one chunk ready: the third is asked for when the first has been taken.
      pull(stream) {
        const chunk = chunks.pop();
        if (chunk) stream.enqueue(chunk);
        else sent.next();
      },
      cancel: (given) => cancelled.next(given),
    });
    const headers = { 'Content-Length': '3' };
    const init = { method: 'POST', body, headers, duplex: 'half', signal: controller.signal };
    const rejected = expect(fetch('/', init)).rejects.toBe(reason);
    await isSent;
    controller.abort(reason);
    await rejected;
    expect(await why).toBe(reason);
  });

  it('should error the body of the response with the reason', async () => {
    const fetch = await fetchFrom((socket) => socket.write('X-A: b\n\nab'));
    const controller = new AbortController();
    const response = await fetch('/', { signal: controller.signal });
    const reader = response.body!.getReader();
    await reader.read();
    const reason = new Error('enough');
    const waiting = reader.read();
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('should not deliver what it holds after the abort', async () => {
    const fetch = await fetchFrom((socket) => socket.end('X-A: b\n\nab'));
    const controller = new AbortController();
    const response = await fetch('/', { signal: controller.signal });
    controller.abort();
    await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('scgiFetch, redirected', () => {
  const site: ScgiHandler = (request) => {
    const { path, method } = request;
    const status = Number(path.slice(1));
    if (path === '/end')
      return request
        .text()
        .pipe(map((text) => ({ body: `${method} ${text} ${request.variables.get('CONTENT_TYPE')}` })));
    if (path === '/loop') return of({ status: 302, headers: { Location: '/loop' } });
    if (path === '/away') return of({ status: 302, headers: { Location: 'http://elsewhere/' } });
    if (path === '/local') return of({ headers: { Location: '/end' } });
    return of({ status, headers: { Location: 'http://a/end' }, body: 'moved' });
  };
  const post = { method: 'POST', body: 'x', headers: { 'Content-Type': 'text/x' } };

  it.each([
    ['/301', 'GET  undefined'],
    ['/302', 'GET  undefined'],
    ['/303', 'GET  undefined'],
    ['/307', 'POST x text/x'],
    ['/308', 'POST x text/x'],
    ['/local', 'GET  undefined'],
  ])('should follow %s within the origin', async (path, text) => {
    const fetch = await fetchOf(site);
    const response = await fetch(`http://a${path}#part`, post);
    expect([response.redirected, response.url, await response.text()]).toEqual([true, 'http://a/end', text]);
  });

  it('should give the redirect itself when it is to be handled by hand', async () => {
    const fetch = await fetchOf(site);
    const response = await fetch('http://a/302', { redirect: 'manual' });
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
      302,
      'http://a/end',
      'moved',
    ]);
    expect(response.redirected).toBe(false);
  });

  it.each<[string, string, RequestInit]>([
    ['any, when that is an error', '/302', { redirect: 'error' }],
    ['one to another origin', '/away', {}],
    ['the twenty-first', '/loop', {}],
    [
      'a stream that would have to be sent again',
      '/307',
      {
        method: 'POST',
        body: streamOf('x'),
        duplex: 'half',
        headers: { 'Content-Length': '1' },
      } as RequestInit,
    ],
  ])('should reject %s', async (_what, path, init) => {
    const fetch = await fetchOf(site);
    await expect(fetch(`http://a${path}`, init)).rejects.toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
      cause: { message: expect.stringContaining('redirect') as string },
    });
  });
});

describe('scgiFetch, its options', () => {
  it('should limit how many calls are made at a time', async () => {
    let open = 0;
    let most = 0;
    const handler: ScgiHandler = () => {
      most = Math.max(most, ++open);
      return timer(1).pipe(
        tap(() => open--),
        mergeMap(() => of({ body: 'x' })),
      );
    };
    const fetch = await fetchOf(handler, { concurrency: 1 });
    await Promise.all(Array.from({ length: 5 }, async () => (await fetch('/')).text()));
    expect(most).toBe(1);
  });

  it('should be refused at the call when they are invalid', () => {
    expect(() => scgiFetch('4000')).toThrow(TypeError);
    expect(() => scgiFetch('127.0.0.1:1', { maxBufferedBody: 0 })).toThrow(RangeError);
    expect(() => scgiFetch('127.0.0.1:1', { concurrency: 0 })).toThrow(RangeError);
    expect(() => scgiFetch('127.0.0.1:1', { maxBuffered: 1 } as never)).toThrow(TypeError);
  });
});
