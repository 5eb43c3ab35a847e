/** Fetch applications behind `serveScgi`, on sockets: what they see, what goes out, and what is refused. */
import { fromFetch, type FetchHandler } from '../../lib/index.js';
import { type TestRequest } from '../../lib/testing/index.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';
import { TestServer } from '../helpers/sockets/test-server.js';

cleanUpSockets();

/** What a gateway gets of an application, as ISO-8859-1, and the errors that the server tells of. */
async function answerOf(
  app: FetchHandler,
  request: TestRequest = {},
): Promise<{ head: string; text: string; errors: unknown[] }> {
  const errors: unknown[] = [];
  const server = new TestServer(fromFetch(app), { onError: (error) => errors.push(error) });
  const gateway = await server.send(request);
  const [head = '', ...rest] = (await gateway.response()).split('\r\n\r\n');
  return { head, text: rest.join('\r\n\r\n'), errors };
}

/** An application that shows its request. */
const show: FetchHandler = async (request) =>
  Response.json({ method: request.method, url: request.url, body: await request.text() });

async function shown(request: TestRequest): Promise<Record<string, string>> {
  return JSON.parse((await answerOf(show, request)).text) as Record<string, string>;
}

describe('fromFetch', () => {
  it('should give a Request, and the meta-variables', async () => {
    const app: FetchHandler = async (request, variables) =>
      new Response(
        [
          ...[request.method, request.url, request.headers.get('x-a'), request.headers.get('content-type')],
          ...[variables.get('REMOTE_ADDR'), await request.text()],
        ].join(' '),
        { status: 201 },
      );
    const { head, text } = await answerOf(app, {
      method: 'POST',
      uri: '/a?q=1',
      headers: { Host: 'example.org', 'X-A': 'b', 'Content-Type': 'text/x' },
      variables: { REMOTE_ADDR: '10.0.0.1', HTTP_TRANSFER_ENCODING: 'chunked' },
      body: 'böd',
    });
    expect(head).toMatch(/^Status: 201 /);
    expect(text).toBe('POST http://example.org/a?q=1 b text/x 10.0.0.1 b\xc3\xb6d');
  });

  it('should call fetch as a method of its object, as it is at the time', async () => {
    class App {
      constructor(private readonly greeting: string) {}
      fetch(): Response {
        return new Response(this.greeting);
      }
    }
    const server = new TestServer(fromFetch(new App('hello')));
    expect(await server.exchange()).toBe('200 hello');
    const callable = Object.assign(() => new Response('function'), { fetch: () => new Response('method') });
    expect(await new TestServer(fromFetch(callable)).exchange()).toBe('200 method');
  });

  it.each([undefined, null, 'app', 7, {}, { fetch: 'no function' }])('should refuse %p', (app) => {
    expect(() => fromFetch(app as unknown as FetchHandler)).toThrow(TypeError);
  });

  it.each([
    ['//evil.example/x', '/evil.example/x'],
    ['///evil.example', '/evil.example'],
    ['/\\evil.example', '/%5Cevil.example'],
    ['\\\\evil.example', '/%5C%5Cevil.example'],
    ['/a/../../b/./c', '/b/c'],
    ['/a/%2e%2E/b', '/b'],
    ['*', '/*'],
    ['@evil.example/', '/@evil.example/'],
    [':80/', '/:80/'],
    ['http://evil.example/x?y', '/x?y'],
    ['/x?//evil.example/../#z', '/x?//evil.example/../%23z'],
    ['/%2F/x', '/%2F/x'],
    ['', '/'],
  ])('should not let the target %s change the host', async (uri, rest) => {
    const { url } = await shown({ uri, headers: { Host: 'example.org' } });
    expect(url).toBe(`http://example.org${rest}`);
  });

  it.each(['evil@example.org', 'a/b', 'a?b', 'a#b', 'a\\b', '', ' '])(
    'should not let the host %p change the path',
    async (host) => {
      const request = { uri: '/x', headers: { Host: host }, variables: { SERVER_NAME: 'example.org' } };
      expect((await shown(request)).url).toMatch(/^http:\/\/example\.org(:\d+)?\/x$/);
    },
  );

  it.each([
    ['TRACE', 405, true],
    ['trace', 405, true],
    ['TRACK', 405, true],
    ['CONNECT', 501, false],
    ['G T', 400, false],
    ['G\u00c9T', 400, false],
  ])('should answer the method %s with %i and not ask the application', async (method, status, allow) => {
    const app = jest.fn(() => new Response());
    const { head, errors } = await answerOf(app, { method, body: 'x' });
    expect(head).toContain(`Status: ${status} `);
    expect(/^Allow: GET, HEAD/m.test(head)).toBe(allow);
    expect(app).not.toHaveBeenCalled();
    expect(errors).toEqual([]);
  });

  it.each(['GET', 'HEAD', 'get'])('should drop the body of %s', async (method) => {
    const seen: unknown[] = [];
    const app: FetchHandler = (request) => {
      seen.push(request.body, request.headers.get('content-length'));
      return new Response('x');
    };
    expect((await answerOf(app, { method, body: 'dropped' })).head).toMatch(/^Status: 200 /);
    expect(seen).toEqual([null, null]);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'should give the body of %s',
    async (method) => {
      expect(await shown({ method, body: 'given' })).toMatchObject({ method, body: 'given' });
      expect(await shown({ method })).toMatchObject({ method, body: '' });
    },
  );
});

describe('the fields of a fetch application', () => {
  it('should be bytes, one a character, both ways', async () => {
    const app: FetchHandler = ({ headers }) =>
      new Response(String(headers.get('x-name')?.length), {
        headers: { 'X-Name': headers.get('x-name') ?? '' },
      });
    // The euro sign in UTF-8, and an é in ISO-8859-1.
    const { head, text } = await answerOf(app, { headers: { 'X-Name': '\xe2\x82\xac\xe9' } });
    expect(text).toBe('4');
    expect(head.toLowerCase()).toContain('x-name: \xe2\x82\xac\xe9');
  });

  it('should fail the request and nothing else where they have other characters', async () => {
    const { head, errors } = await answerOf(() => new Response('x', { headers: { 'X-Name': '\u20ac' } }));
    expect(head).toMatch(/^Status: 500 /);
    expect(errors).toMatchObject([{ name: 'TypeError' }]);
    // A class of Response that does not look.
    class Lax {
      readonly status = 200;
      readonly headers = [['X-Name', '\u010d\u010aX-Evil: 1']];
      readonly body = null;
    }
    const lax = await answerOf(() => new Lax() as unknown as Response);
    expect(lax.head).toMatch(/^Status: 500 /);
    expect(lax.head).not.toContain('X-Evil');
    expect(lax.errors).toEqual([expect.objectContaining({ code: 'ERR_SCGI_HEADER_INVALID' })]);
  });

  it('should keep each Set-Cookie, and drop what belongs to another connection', async () => {
    const headers = new Headers({
      ...{ Connection: 'keep-alive', 'Transfer-Encoding': 'chunked', 'X-Kept': '1' },
      // Some servers send it as a field, too. In SCGI, it would be the status.
      Status: '404 Not Found',
    });
    headers.append('Set-Cookie', 'a=1; Expires=Thu, 01 Jan 2026 00:00:00 GMT');
    headers.append('Set-Cookie', 'b=2');
    const { head } = await answerOf(() => new Response('x', { headers }));
    expect(head.match(/^set-cookie: .*$/gim)).toHaveLength(2);
    expect(head.match(/^status: .*$/gim)).toEqual(['Status: 200 OK']);
    expect(head).toMatch(/^x-kept: 1$/im);
    expect(head).not.toMatch(/^(connection|transfer-encoding):/im);
  });

  it('should redirect', async () => {
    const { head } = await answerOf(() => Response.redirect('https://example.org/new', 308));
    expect(head).toMatch(/^Status: 308 /);
    expect(head).toMatch(/^location: https:\/\/example\.org\/new$/im);
  });
});

describe('an error of a fetch application', () => {
  it.each<[string, FetchHandler]>([
    [
      'that throws',
      () => {
        throw new Error('secret');
      },
    ],
    ['that rejects', () => Promise.reject(new Error('secret'))],
    ['that returns nothing', () => undefined as unknown as Response],
    ['that returns text', () => 'text' as unknown as Response],
    ['that returns Response.error()', () => Response.error()],
    [
      'that reads the body twice',
      async (request) => new Response((await request.text()) + (await request.text())),
    ],
  ])('should be a 500 of one %s', async (_what, app) => {
    const { head, text, errors } = await answerOf(app, { method: 'POST', body: 'x' });
    expect(head).toMatch(/^Status: 500 /);
    expect(text).not.toContain('secret');
    expect(errors).toHaveLength(1);
  });
});
