/** What a listener of `node:http` sees of an SCGI request. */
import { METHODS, type IncomingMessage, type RequestListener } from 'node:http';
import fc from 'fast-check';
import { firstValueFrom } from 'rxjs';
import { fromRequestListener } from '../../../lib/node/index.js';
import { callHandler, requestBytes, type TestRequest } from '../../../lib/testing/index.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { answerOf, bodyOf } from '../../helpers/sockets/listener-server.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

interface Seen {
  method: string;
  url: string;
  version: string;
  headers: Record<string, string>;
  body: string;
}

const show: RequestListener = (request, response) => {
  void bodyOf(request).then((body) => {
    const { method, url, httpVersion: version, headers } = request;
    response.end(JSON.stringify({ method, url, version, headers, body }));
  });
};

async function seen(request: TestRequest): Promise<Seen> {
  return JSON.parse(Buffer.from((await answerOf(show, request)).text, 'latin1').toString()) as Seen;
}

describe('fromRequestListener', () => {
  it('should give the request', async () => {
    const request = {
      method: 'POST',
      uri: '/a/b?q=1&q=2',
      headers: { Host: 'example.org:81', 'X-A': 'b', 'Content-Type': 'text/x', Cookie: 'a=1; b=2' },
      body: 'a body',
    };
    expect(await seen(request)).toEqual({
      method: 'POST',
      url: '/a/b?q=1&q=2',
      version: '1.1',
      body: 'a body',
      headers: {
        ...{ host: 'example.org:81', 'x-a': 'b', 'content-type': 'text/x', cookie: 'a=1; b=2' },
        ...{ 'content-length': '6', connection: 'close' },
      },
    });
  });

  it('should give a body of 3 MB, in whatever pieces it comes', async () => {
    const body = 'abcdefg'.repeat(450_000);
    expect((await seen({ method: 'PUT', body })).body === body).toBe(true);
  });

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])(
    'should announce no body for %s without one',
    async (method) => {
      let headers = {};
      await answerOf(
        (request, response) => {
          ({ headers } = request);
          response.end();
        },
        { method },
      );
      expect(Object.keys(headers)).not.toContain('content-length');
    },
  );

  it('should announce an empty body for POST, and the body of GET', async () => {
    expect((await seen({ method: 'POST' })).headers['content-length']).toBe('0');
    expect(await seen({ method: 'GET', body: 'x' })).toMatchObject({
      body: 'x',
      headers: { 'content-length': '1' },
    });
  });

  it('should take all methods that Node.js knows', async () => {
    const given: (string | undefined)[] = [];
    const handler = fromRequestListener(({ method }, response) => {
      given.push(method);
      response.end();
    });
    const methods = METHODS.filter((method) => method !== 'CONNECT');
    for (const method of methods)
      expect(await firstValueFrom(callHandler(handler, { method }))).toMatchObject({ status: 200 });
    expect(given).toEqual(methods);
  });

  it.each(['CONNECT', 'BREW', 'get', 'G T', 'GET\r\nX: 1'])(
    'should answer the method %p with 501',
    async (method) => {
      const listener = jest.fn();
      expect((await answerOf(listener, { method })).head).toMatch(/^Status: 501 /);
      expect(listener).not.toHaveBeenCalled();
    },
  );

  it.each([
    ['//evil.example/x', '/evil.example/x'],
    ['http://evil.example/x?y', '/x?y'],
    ['/a/../../b/./c?d/../e', '/b/c?d/../e'],
    ['/a b?c d', '/a%20b?c%20d'],
    ['/x HTTP/1.1\r\nX: 1', '/x%20HTTP/1.1%0D%0AX:%201'],
    ['/?a\r\n\r\nGET /admin', '/?a%0D%0A%0D%0AGET%20/admin'],
    ['/\xff?\xff', '/%FF?%FF'],
    ['*', '/*'],
    ['', '/'],
  ])('should give the target %j as %s', async (uri, url) => {
    expect((await seen({ uri })).url).toBe(url);
  });

  it('should leave `mount` out of the target', async () => {
    const { text } = await answerOf(show, { uri: '/app/x?y' }, { mount: '/app' });
    expect(JSON.parse(text)).toMatchObject({ url: '/x?y' });
  });

  it('should take heads that are longer than http.Server takes by itself', async () => {
    const long = 'x'.repeat(40_000);
    const { url, headers } = await seen({ uri: `/${long}`, headers: { 'X-Long': 'y'.repeat(20_000) } });
    expect(url).toHaveLength(40_001);
    expect(headers['x-long']).toHaveLength(20_000);
    const { head, errors } = await answerOf(show, { uri: `/${'x'.repeat(70_000)}` });
    expect(head).toMatch(/^Status: 431 /);
    expect(errors).toMatchObject([{ code: 'ERR_SCGI_HEADERS_TOO_LARGE' }]);
  });

  it('should give as many fields as the engine lets through', async () => {
    const headers = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`X-${i}`, `${i}`]));
    const { text } = await answerOf(show, { headers }, { maxHeaders: 3000, maxHeaderBytes: 1_000_000 });
    expect((JSON.parse(text) as Seen).headers['x-2499']).toBe('2499');
  });

  it('should leave out what belongs to the connection of the client', async () => {
    const variables = {
      ...{ HTTP_CONNECTION: 'upgrade, x-a', HTTP_UPGRADE: 'websocket', HTTP_KEEP_ALIVE: '5' },
      ...{ HTTP_TRANSFER_ENCODING: 'chunked', HTTP_TE: 'trailers', HTTP_TRAILER: 'X-T' },
      ...{ HTTP_EXPECT: '100-continue', HTTP_PROXY: 'http://evil.example', HTTP_CONTENT_LENGTH: '1' },
    };
    expect(await seen({ method: 'POST', body: 'abc', variables })).toMatchObject({
      body: 'abc',
      headers: { connection: 'close', 'content-length': '3', host: expect.any(String) as string },
    });
    const { headers } = await seen({ method: 'POST', body: 'abc', variables });
    expect(Object.keys(headers).sort()).toEqual(['connection', 'content-length', 'host']);
  });

  it.each([
    [{ HTTP_X: 'a\r\nX-Evil: 1' }],
    [{ HTTP_X: 'a\nX-Evil: 1' }],
    [{ HTTP_X: 'a\r\n\r\nGET /evil HTTP/1.1' }],
    [{ 'HTTP_X: 1\r\nX-Evil': '1' }],
    [{ 'HTTP_X Y': '1' }],
    [{ 'HTTP_X:': '1' }],
    [{ HTTP_: '1' }],
    [{ HTTP_X: 'a\x01b' }],
    [{ HTTP_X: 'a\x7fb' }],
    [{ 'HTTP_TRANSFER-ENCODING': 'chunked' }],
    [{ HTTP_transfer_encoding: 'chunked' }],
    [{ 'HTTP_Content-Length': '0' }],
    [{ CONTENT_TYPE: 'text/x\r\nX-Evil: 1' }],
  ])('should make no other request of %j', async (variables) => {
    const { headers, body } = await seen({ method: 'POST', body: 'abc', variables });
    expect(Object.keys(headers).sort()).toEqual(['connection', 'content-length', 'host']);
    expect(body).toBe('abc');
  });

  it.each([
    [{}, 'localhost'],
    [{ SERVER_NAME: 'example.org', SERVER_PORT: '8080' }, 'example.org:8080'],
    [{ HTTP_HOST: '', SERVER_NAME: 'example.org' }, 'example.org'],
    [{ HTTP_HOST: 'a\r\nX: 1', SERVER_NAME: 'example.org' }, 'example.org'],
    [{ HTTP_HOST: 'www.example.org:1' }, 'www.example.org:1'],
  ])('should give a host for %j', async (variables, host) => {
    expect((await seen({ headers: {}, variables })).headers.host).toBe(host);
  });

  it('should take the type of a body from CONTENT_TYPE, else from the field', async () => {
    const typeFrom = async (variables: Record<string, string>): Promise<string | undefined> =>
      (await seen({ method: 'POST', body: '{}', variables })).headers['content-type'];
    expect(await typeFrom({ CONTENT_TYPE: 'a/b', HTTP_CONTENT_TYPE: 'c/d' })).toBe('a/b');
    expect(await typeFrom({ CONTENT_TYPE: '', HTTP_CONTENT_TYPE: 'c/d' })).toBe('c/d');
    expect(await typeFrom({ CONTENT_TYPE: '' })).toBeUndefined();
  });

  it('should keep the bytes of a field', async () => {
    const { headers } = await seen({ headers: { 'X-Name': '\xe2\x82\xac\xe9\t!' } });
    expect(headers['x-name']).toBe('\xe2\x82\xac\xe9\t!');
  });

  it('should give a parsable request, whatever the variables are', async () => {
    const text = fc.string({
      unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 12,
    });
    const names = fc.oneof(
      text.map((name) => `HTTP_${name}`),
      fc.constantFrom('HTTP_HOST', 'CONTENT_TYPE', 'REQUEST_URI', 'SERVER_NAME', 'QUERY_STRING'),
    );
    const handler = fromRequestListener(show);
    const run = fc.asyncProperty(fc.array(fc.tuple(names, text)), fc.string(), async (pairs, body) => {
      const variables = { ...Object.fromEntries(pairs), HTTP_CONTENT_LENGTH: '' };
      const answer = await firstValueFrom(callHandler(handler, { method: 'POST', body, variables }));
      expect(answer.status).toBe(200);
      expect(
        Buffer.from((JSON.parse(Buffer.from(answer.body).toString()) as Seen).body, 'latin1').toString(),
      ).toBe(Buffer.from(body).toString());
    });
    await fc.assert(run, { numRuns: Math.min(FUZZ_RUNS, 300) });
  });
});

it.each([undefined, null, {}, 'listener', { listen: () => undefined }])('should refuse %p', (listener) => {
  expect(() => fromRequestListener(listener as unknown as RequestListener)).toThrow(TypeError);
});

it('should use one server for all requests, and keep the process alive by none', async () => {
  const servers = new Set<unknown>();
  const handler = fromRequestListener((request: IncomingMessage, response) => {
    servers.add((request.socket as unknown as { server: unknown }).server);
    response.end();
  });
  for (let count = 0; count < 3; count++) await firstValueFrom(callHandler(handler, {}));
  expect(servers.size).toBe(1);
  expect((([...servers][0] ?? {}) as { listening: boolean }).listening).toBe(false);
});

it('should read the request whatever way its bytes come', async () => {
  const bytes = requestBytes({ method: 'POST', uri: '/x', body: 'abc' });
  const { text } = await answerOf(show, bytes);
  expect(JSON.parse(text)).toMatchObject({ url: '/x', body: 'abc' });
});
