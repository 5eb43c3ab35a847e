/** What a fetch over SCGI makes of a response. */
import { setImmediate } from 'node:timers/promises';
import { Subject, Subscription, firstValueFrom, of } from 'rxjs';
import { fetchResponseOf, type BegunResponse } from '../../../lib/node/client/fetch-response.js';
import { scgiFetch } from '../../../lib/node/index.js';
import { fetchFrom, fetchOf } from '../../helpers/sockets/outgoing/fetch-application.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

describe('scgiFetch, the response', () => {
  it('should have status, text, headers, URL, and each Set-Cookie', async () => {
    const headers = { 'Set-Cookie': ['a=1', 'b=2; Path=/'], 'X-A': 'b' };
    const fetch = await fetchOf(() => of({ status: '404 Not There', headers, body: 'no' }));
    const response = await fetch('http://a/x?y#z');
    expect([response.status, response.statusText, response.ok]).toEqual([404, 'Not There', false]);
    expect(response.headers.getSetCookie()).toEqual(headers['Set-Cookie']);
    expect(response.headers.get('x-a')).toBe('b');
    expect([response.url, response.redirected, response.type]).toEqual(['http://a/x?y', false, 'default']);
    const clone = response.clone();
    expect([clone.url, await clone.text(), await response.text()]).toEqual(['http://a/x?y', 'no', 'no']);
    expect(response.bodyUsed).toBe(true);
  });

  it.each<[string, number, string]>([
    ['HEAD', 200, 'Content-Length: 5'],
    ['GET', 204, 'X-A: b'],
    ['GET', 205, 'X-A: b'],
    ['GET', 304, 'Content-Length: 5'],
  ])('should have no body for %s and status %i', async (method, status, field) => {
    const closed = new Subject<void>();
    const fetch = await fetchFrom((socket) => {
      socket.on('close', () => closed.next());
      socket.on('end', () => socket.end());
      socket.write(`Status: ${status}\n${field}\n\n`);
    });
    const over = firstValueFrom(closed);
    const response = await fetch('/', { method });
    expect([response.status, response.body]).toEqual([status, null]);
    await over;
  });

  it('should reject a status that no Response can have', async () => {
    const fetch = await fetchFrom((socket) => socket.end('Status: 199 Odd\n\n'));
    await expect(fetch('/')).rejects.toMatchObject({ name: 'TypeError' });
  });

  it('should come at the head, and stream as it is read', async () => {
    const more = new Subject<string>();
    const fetch = await fetchOf(() => of({ headers: { 'Content-Type': 'text/x' }, body: more }));
    const { body } = await fetch('/');
    const reader = body!.getReader();
    for (const text of ['one', 'two']) {
      const read = reader.read();
      more.next(text);
      expect(Buffer.from((await read).value as Uint8Array).toString()).toBe(text);
    }
    more.complete();
    expect(await reader.read()).toEqual({ done: true, value: undefined });
  });

  it('should pause the application while nobody reads', async () => {
    let written = 0;
    function* endless(): Generator<Uint8Array> {
      for (;;) {
        written += 100_000;
        yield new Uint8Array(100_000);
      }
    }
    const fetch = await fetchOf(() => of({ body: endless() }));
    const { body } = await fetch('/');
    const reader = body!.getReader();
    let read = 0;
    while (read < 30_000_000) read += ((await reader.read()).value as Uint8Array).length;
    expect(written).toBeLessThan(60_000_000);
    await reader.cancel();
  });

  it('should close the connection when the body is cancelled, also while a read waits', async () => {
    const closed = new Subject<void>();
    const fetch = await fetchFrom((socket) => {
      socket.on('close', () => closed.next());
      socket.on('end', () => socket.end());
      socket.write('X-A: b\n\nab');
    });
    const over = firstValueFrom(closed);
    const reader = (await fetch('/')).body!.getReader();
    await reader.read();
    const waiting = reader.read();
    await reader.cancel();
    expect((await waiting).done).toBe(true);
    await over;
  });

  it('should take nothing from its connection that nobody reads', async () => {
    let taken = 0;
    const body = {
      async *[Symbol.asyncIterator]() {
        for (;;) yield await Promise.resolve(new Uint8Array([taken++]));
      },
    };
    const begun = { response: { status: 200, statusText: 'OK', headers: new Headers(), body } };
    const response = fetchResponseOf({ ...begun, call: new Subscription() } as unknown as BegunResponse, {
      url: new URL('http://a/'),
      method: 'GET',
      redirected: false,
      signal: new AbortController().signal,
    });
    await setImmediate();
    expect(taken).toBe(0);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (const expected of [0, 1]) {
      expect((await reader.read()).value).toEqual(new Uint8Array([expected]));
      await setImmediate();
      expect(taken).toBe(expected + 1);
    }
    await reader.cancel();
  });

  it('should break off with a TypeError when the response is cut short', async () => {
    const fetch = await fetchFrom((socket) => socket.end('Content-Length: 9\n\nab'));
    const response = await fetch('/');
    await expect(response.text()).rejects.toMatchObject({
      name: 'TypeError',
      cause: { code: 'ERR_SCGI_RESPONSE_TRUNCATED' },
    });
  });

  it('should reject with a TypeError that has the cause', async () => {
    await expect(scgiFetch('unix:/nowhere/app.sock')('/')).rejects.toMatchObject({
      name: 'TypeError',
      cause: { code: 'ERR_SCGI_CONNECT_FAILED', cause: { code: 'ENOENT' } },
    });
  });
});
