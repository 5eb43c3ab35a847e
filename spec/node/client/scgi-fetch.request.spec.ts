/** What a fetch over SCGI sends. */
import { setImmediate } from 'node:timers/promises';
import { map } from 'rxjs';
import type { ScgiHandler, ScgiResponse } from '../../../lib/index.js';
import { scgiFetch, type ScgiFetchOptions } from '../../../lib/node/index.js';
import { FakeApplication } from '../../helpers/sockets/outgoing/fake-application.js';
import { fetchOf, streamOf } from '../../helpers/sockets/outgoing/fetch-application.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

/** Answers with what it has received. */
const mirror: ScgiHandler = (request) =>
  request.text().pipe(
    map((text) => ({
      body: JSON.stringify({ variables: Object.fromEntries(request.variables), text }),
    })),
  );
interface Mirrored {
  readonly variables: Record<string, string>;
  readonly text: string;
}
const mirrored = async (...args: Parameters<typeof fetch>): Promise<Mirrored> =>
  (await (await fetchOf(mirror))(...args)).json() as Promise<Mirrored>;

describe('scgiFetch, the request', () => {
  it.each<[string, Parameters<typeof fetch>[0], string, string, string, string | undefined]>([
    ['a path', '/RPC2?a=b', '/RPC2?a=b', 'localhost', '80', undefined],
    ['a URL as text', 'http://rtorrent:8080/RPC2', '/RPC2', 'rtorrent', '8080', undefined],
    ['a URL', new URL('https://a.example/x#y'), '/x', 'a.example', '443', 'on'],
    ['a Request', new Request('http://[::1]:81/'), '/', '[::1]', '81', undefined],
  ])('should take %s', async (_what, input, uri, name, port, https) => {
    const { variables } = await mirrored(input);
    expect(variables).toMatchObject({
      REQUEST_METHOD: 'GET',
      REQUEST_URI: uri,
      SERVER_NAME: name,
      SERVER_PORT: port,
    });
    expect(variables.HTTPS).toBe(https);
    expect(variables.HTTP_HOST).toMatch(name);
  });

  it('should send no header that was not given, but for the host', async () => {
    const { variables } = await mirrored('http://a/', { headers: { 'X-A': 'b', Cookie: 'c=d' } });
    const fields = Object.keys(variables).filter((name) => name.startsWith('HTTP_'));
    expect(fields.sort()).toEqual(['HTTP_COOKIE', 'HTTP_HOST', 'HTTP_X_A']);
  });

  it('should send variables of its own', async () => {
    const fetch = await fetchOf(mirror, { variables: { SCRIPT_NAME: '/RPC2', SERVER_NAME: 'given' } });
    const { variables } = (await (await fetch('/RPC2/x')).json()) as Mirrored;
    expect(variables).toMatchObject({ SCRIPT_NAME: '/RPC2', SERVER_NAME: 'given' });
  });

  const form = new FormData();
  form.set('name', 'vålue');
  it.each<[string, RequestInit, string | RegExp, string | undefined | RegExp]>([
    ['text', { body: 'hé' }, 'hé', 'text/plain;charset=UTF-8'],
    ['bytes', { body: new Uint8Array([104, 105]) }, 'hi', undefined],
    ['an ArrayBuffer', { body: new Uint8Array([104, 105]).buffer }, 'hi', undefined],
    ['a view', { body: new DataView(new Uint8Array([1, 104, 105]).buffer, 1) }, 'hi', undefined],
    ['URLSearchParams', { body: new URLSearchParams({ a: 'b c' }) }, 'a=b+c', /^application\/x-www-form/],
    ['a Blob', { body: new Blob(['h', 'i'], { type: 'text/x' }) }, 'hi', 'text/x'],
    ['FormData', { body: form }, /name="name"\r\n\r\nvålue\r\n/, /^multipart\/form-data; boundary=/],
    ['a stream', { body: streamOf('h', 'i'), duplex: 'half' } as RequestInit, 'hi', undefined],
    [
      'a stream of a known length',
      { body: streamOf('h', 'i'), duplex: 'half', headers: { 'Content-Length': '2' } } as RequestInit,
      'hi',
      undefined,
    ],
    ['nothing', { body: null }, '', undefined],
  ])('should send %s, with its length and its type', async (_what, init, text, type) => {
    const got = await mirrored('/', { method: 'POST', ...init });
    expect(got.text).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
    expect(Number(got.variables.CONTENT_LENGTH)).toBe(Buffer.byteLength(got.text));
    const { CONTENT_TYPE } = got.variables;
    if (type instanceof RegExp) expect(CONTENT_TYPE).toMatch(type);
    else expect(CONTENT_TYPE).toBe(type);
  });

  it('should send the body of a Request', async () => {
    const request = new Request('http://a/', { method: 'PUT', body: 'hi' });
    expect(await mirrored(request)).toMatchObject({ text: 'hi', variables: { REQUEST_METHOD: 'PUT' } });
  });

  it('should hold a body of unknown length up to maxBufferedBody, and no further', async () => {
    const fetch = await fetchOf(mirror, { maxBufferedBody: 4 });
    const init = { method: 'POST', duplex: 'half' } as RequestInit;
    const { text } = (await (await fetch('/', { ...init, body: streamOf('ab', 'cd') })).json()) as Mirrored;
    expect(text).toBe('abcd');
    await expect(fetch('/', { ...init, body: streamOf('ab', 'cde') })).rejects.toMatchObject({
      name: 'TypeError',
      cause: { code: 'ERR_SCGI_BODY_TOO_LARGE', limit: 4, actual: 5 },
    });
    // What is in memory already needs no limit.
    expect((await fetch('/', { ...init, body: 'x'.repeat(100_000) })).status).toBe(200);
  });

  it('should stream a body of a known length, and pull no more than is taken', async () => {
    let pulled = 0;
    const chunk = new Uint8Array(100_000);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(chunk);
      },
    });
    const idle: ScgiHandler = async (): Promise<ScgiResponse> => {
      // Until it has been the same for some turns of the event loop.
      for (let before = -1, turns = 0; turns < 100; turns++) {
        if (pulled !== before) turns = 0;
        before = pulled;
        await setImmediate();
      }
      return { status: 413, body: String(pulled) };
    };
    const fetch = await fetchOf(idle);
    const init = { method: 'POST', body, duplex: 'half', headers: { 'Content-Length': '1000000000' } };
    const taken = Number(await (await fetch('/', init)).text());
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(200);
  });

  it.each(['1e1', '0x3', '-3', '3.0', '3,3', ''])(
    'should refuse a length that is not one: %j',
    async (length) => {
      const fetch = await fetchOf(mirror);
      const init = { method: 'POST', headers: { 'Content-Length': length }, duplex: 'half' } as RequestInit;
      for (const body of ['0123456789', streamOf('012')])
        await expect(fetch('/', { ...init, body })).rejects.toMatchObject({
          cause: { code: 'ERR_SCGI_HEADER_INVALID' },
        });
    },
  );

  it.each<[string, ScgiFetchOptions, string]>([
    ['nobody listens', {}, 'ERR_SCGI_CONNECT_FAILED'],
    ['too many calls wait', { concurrency: 1, maxWaitingCalls: 0 }, 'ERR_SCGI_TOO_MANY_CALLS'],
  ])('should cancel a stream that it does not send, because %s', async (_what, options, code) => {
    const application = await FakeApplication.start();
    const address = code === 'ERR_SCGI_CONNECT_FAILED' ? 'unix:/nowhere/app.sock' : application.address;
    const fetch = scgiFetch(address, options);
    const before = new AbortController();
    fetch('/', { signal: before.signal }).catch(() => undefined);
    const cancelled = new Promise((resolve) => {
      const body = new ReadableStream({ cancel: resolve });
      const init = {
        method: 'POST',
        headers: { 'Content-Length': '3' },
        duplex: 'half',
        body,
      } as RequestInit;
      fetch('/', init).catch(() => undefined);
    });
    expect(await cancelled).toMatchObject({ code });
    before.abort();
  });

  it.each<[string, RequestInit]>([
    ['integrity', { integrity: 'sha256-AAAA' }],
    ['a referrer', { referrer: 'http://a/page' }],
    ['a cache that is the only source', { cache: 'only-if-cached', mode: 'same-origin' }],
  ])('should refuse %s, of the parameter and of a Request', async (_what, init) => {
    const fetch = await fetchOf(mirror);
    await expect(fetch('/', init)).rejects.toThrow(TypeError);
    await expect(fetch(new Request('http://a/', init))).rejects.toThrow(TypeError);
  });

  it.each<[string, object]>([
    ['integrity', { integrity: '' }],
    ['a referrer', { referrer: '', referrerPolicy: 'origin' }],
    ['a cache', { cache: 'reload' }],
    ['a page', { mode: 'no-cors', credentials: 'omit', keepalive: true, priority: 'high', window: null }],
  ])('should send the same without %s', async (_what, init) => {
    const headers = { Cookie: 'c=d' };
    expect(await mirrored('http://a/', { headers, ...init })).toEqual(
      await mirrored('http://a/', { headers }),
    );
  });

  it('should reject as fetch does', async () => {
    const fetch = scgiFetch('127.0.0.1:1');
    const failing: Parameters<typeof fetch>[] = [
      ['http://[bad'],
      ['ftp://a/'],
      ['data:text/plain,a'],
      ['/', { method: 'GET', body: 'x' }],
      ['/', { method: 'CONNECT' }],
      ['/', { method: 'POST', body: streamOf('x') }],
      ['/', { signal: {} as never }],
    ];
    for (const args of failing) await expect(fetch(...args)).rejects.toMatchObject({ name: 'TypeError' });
  });
});
