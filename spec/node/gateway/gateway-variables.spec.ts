/** The meta-variables that an application gets from `scgiGateway`. RFC 3875 §4.1 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { scgiGateway, type GatewayOptions } from '../../../lib/node/index.js';
import { gatewayVariables } from '../../../lib/node/gateway/gateway-variables.js';
import { factsOf } from '../../../lib/node/gateway/http/http-request.js';
import { FakeApplication } from '../../helpers/sockets/outgoing/fake-application.js';
import { begin, variablesOf } from '../../helpers/sockets/outgoing/scgi-front.js';
import { TestGateway, afterwards, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

const get = (target: string, ...lines: string[]): string =>
  [`GET ${target} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n');

/** The `HTTP_*` of a GET with these header lines. */
async function fieldsOf(...lines: string[]): Promise<[name: string, value: string][]> {
  const variables = await variablesOf(get('/', ...lines));
  return Object.entries(variables).filter(([name]) => name.startsWith('HTTP_') && name !== 'HTTP_HOST');
}

const TARGET = ['REQUEST_URI', 'SCRIPT_NAME', 'PATH_INFO', 'DOCUMENT_URI', 'QUERY_STRING'] as const;
const targetIn = (variables: Readonly<Record<string, string>>) => TARGET.map((name) => variables[name]);

describe('gatewayVariables', () => {
  it('should list the request, CONTENT_LENGTH first and SCGI second', async () => {
    const lines = ['Host: example.org:8080', 'Content-Type: text/plain', 'Content-Length: 2', 'X-One: 1'];
    const { connection, host, client } = await begin(
      `POST /a%20b?q=1 HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\nhi`,
    );
    expect(await connection.variables()).toEqual([
      ['CONTENT_LENGTH', '2'],
      ['SCGI', '1'],
      ['GATEWAY_INTERFACE', 'CGI/1.1'],
      ['REQUEST_METHOD', 'POST'],
      ['REQUEST_URI', '/a%20b?q=1'],
      ['PATH_INFO', '/a b'],
      ['DOCUMENT_URI', '/a b'],
      ['QUERY_STRING', 'q=1'],
      ['REQUEST_SCHEME', 'http'],
      ['SERVER_PROTOCOL', 'HTTP/1.1'],
      ['SERVER_SOFTWARE', 'rxscgi'],
      ['SERVER_NAME', 'example.org'],
      ['SERVER_ADDR', '127.0.0.1'],
      ['SERVER_PORT', host.replace(/^.*:/, '')],
      ['REMOTE_ADDR', '127.0.0.1'],
      ['REMOTE_PORT', String(client.socket.localPort)],
      ['HTTP_HOST', 'example.org:8080'],
      ['CONTENT_TYPE', 'text/plain'],
      ['HTTP_X_ONE', '1'],
    ]);
  });

  it.each([
    ['/', ['/', undefined, '/', '/', '']],
    ['/?', ['/?', undefined, '/', '/', '']],
    ['/%E4?a?b', ['/%E4?a?b', undefined, '/\u00e4', '/\u00e4', 'a?b']],
    // No value can hold a NUL.
    ['/%00%0g', ['/%00%0g', undefined, '/%00%0g', '/%00%0g', '']],
    ['http://other/x?y', ['/x?y', undefined, '/x', '/x', 'y']],
    ['http://other', ['/', undefined, '/', '/', '']],
    // Resolved after decoding: an application that looks for a file finds none elsewhere.
    ['/a/%2e%2e/b', ['/a/%2e%2e/b', undefined, '/b', '/b', '']],
    ['/a%2F..%2f..//.%2Fb/', ['/a%2F..%2f..//.%2Fb/', undefined, '/b/', '/b/', '']],
  ])('should parse %s', async (target, expected) => {
    expect(targetIn(await variablesOf(get(target)))).toEqual(expected);
  });

  it('should have no path for OPTIONS *', async () => {
    const variables = await variablesOf('OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n', { mount: '/app' });
    expect(targetIn(variables)).toEqual(['*', '/app', undefined, '*', '']);
  });

  it.each([
    ['/RPC2', ['/RPC2', '/RPC2', undefined, '/RPC2', '']],
    ['/RPC2/', ['/RPC2/', '/RPC2', '/', '/RPC2/', '']],
    ['/RPC2/a%20b?c', ['/RPC2/a%20b?c', '/RPC2', '/a b', '/RPC2/a b', 'c']],
    ['/x/..//%52PC2/a', ['/x/..//%52PC2/a', '/RPC2', '/a', '/RPC2/a', '']],
  ])('should split %s at the mount /RPC2', async (target, expected) => {
    expect(targetIn(await variablesOf(get(target), { mount: '/RPC2' }))).toEqual(expected);
  });

  it.each([
    ['[::1]:8080', '[::1]'],
    ['example.org', 'example.org'],
    ['', '127.0.0.1'],
  ])('should take the server name from the host %j', async (host, name) => {
    const variables = await variablesOf(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(variables['SERVER_NAME']).toBe(name);
  });

  it('should take the host of an absolute target, not the Host field', async () => {
    const variables = await variablesOf(get('http://other:81/x'));
    expect([variables['HTTP_HOST'], variables['SERVER_NAME']]).toEqual(['other:81', 'other']);
  });

  it.each([
    ['', {}],
    [' and is trusted, but says nothing of a client', { trustProxy: ['unix:'] }],
  ])('should say unix: and port 80 for a client that came by a Unix socket%s', async (_what, options) => {
    const app = await FakeApplication.start();
    const server = createServer(scgiGateway(app.address, options));
    const address = await listening(server, 'Unix');
    afterwards(() => server.closeAllConnections());
    const accepted = app.accept();
    (await TestGateway.connect(address)).write(get('/'));
    expect(Object.fromEntries(await (await accepted).variables())).toMatchObject({
      REMOTE_ADDR: 'unix:',
      SERVER_PORT: '80',
    });
  });

  it('should set HTTPS for a connection over TLS', async () => {
    const server = createServer();
    const address = await listening(server);
    afterwards(() => server.closeAllConnections());
    const received = new Promise<IncomingMessage>((resolve) => server.once('request', resolve));
    (await TestGateway.connect(address)).write(get('/'));
    const request = await received;
    Object.assign(request.socket, { encrypted: true });
    const target = { method: 'GET', uri: '/', mount: '', bodyLength: 0 };
    const variables = gatewayVariables(request, factsOf(request), target);
    expect([variables.get('HTTPS'), variables.get('REQUEST_SCHEME')]).toEqual(['on', 'https']);
  });

  it('should join lists, join cookies by semicolons, and take the last of other fields', async () => {
    const lines = ['X-A: 1', 'Cookie: a=1', 'Origin: http://a', 'x-a: 2', 'cookie: b=2', 'X-A: 3'];
    expect(await fieldsOf(...lines, 'origin: http://b')).toEqual([
      ['HTTP_X_A', '1, 2, 3'],
      ['HTTP_COOKIE', 'a=1; b=2'],
      ['HTTP_ORIGIN', 'http://b'],
    ]);
  });

  it('should omit fields of the connection, and fields that its Connection field names', async () => {
    const fields = ['Keep-Alive: 5', 'TE: trailers', 'Trailer: X', 'Proxy-Connection: close'];
    const answered = ['Proxy-Authorization: x', 'Expect: 100-continue', 'Upgrade: h2c', 'HTTP2-Settings: x'];
    expect(
      await fieldsOf('Connection: close, X-Mine', 'X-Mine: 1', ...fields, ...answered, 'X-A: 1'),
    ).toEqual([['HTTP_X_A', '1']]);
  });

  it('should omit what only a trusted proxy may say', async () => {
    const lines = ['X-Forwarded-For: 1.2.3.4', 'x-forwarded-proto: https', 'X-Forwarded-Host: evil'];
    const others = ['Forwarded: for=1.2.3.4', 'X-Real-IP: 1.2.3.4', 'X-Forwarded: 1'];
    expect(await fieldsOf(...lines, ...others)).toEqual([['HTTP_X_FORWARDED', '1']]);
  });

  describe('behind a proxy', () => {
    const said = [
      'X-Forwarded-For: 192.0.2.9, 198.51.100.7',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: shop.example',
    ];
    const shown = async (trustProxy: GatewayOptions['trustProxy'], ...lines: string[]) => {
      const variables = await variablesOf(get('/', ...lines), { trustProxy });
      const names = [
        'REMOTE_ADDR',
        'REQUEST_SCHEME',
        'HTTPS',
        'HTTP_HOST',
        'SERVER_NAME',
        'HTTP_X_FORWARDED_FOR',
      ];
      return names.map((name) => variables[name]);
    };

    it('should take its word when it is trusted, and pass it on', async () => {
      const list = '192.0.2.9, 198.51.100.7';
      const forwarded = ['198.51.100.7', 'https', 'on', 'shop.example', 'shop.example', list];
      expect(await shown('127.0.0.1', ...said)).toEqual(forwarded);
      expect(await shown(1, ...said)).toEqual(forwarded);
      expect(await shown(['127.0.0.1', '198.51.100.0/24'], ...said)).toEqual([
        '192.0.2.9',
        ...forwarded.slice(1),
      ]);
      const peer = ['127.0.0.1', 'http', undefined, 'x', 'x', undefined];
      expect(await shown('127.0.0.1')).toEqual(peer);
      expect(await shown('127.0.0.1', 'X-Forwarded-Host: a/b', 'X-Forwarded-Proto: gopher')).toEqual(peer);
      expect(await shown('127.0.0.1', 'Forwarded: for=_hidden')).toEqual([undefined, ...peer.slice(1)]);
    });

    it('should drop it when it is not', async () => {
      const peer = ['127.0.0.1', 'http', undefined, 'x', 'x', undefined];
      expect(await shown('198.51.100.7', ...said)).toEqual(peer);
      expect(await shown(0, ...said)).toEqual(peer);
      expect(await shown(undefined, ...said)).toEqual(peer);
    });
  });

  it('should omit empty variables', async () => {
    expect(await fieldsOf('X-Empty:', 'X-A: 1')).toEqual([['HTTP_X_A', '1']]);
  });

  it('should keep the bytes of fields', async () => {
    expect(await fieldsOf('X-A: \u00e4\u00ff')).toEqual([['HTTP_X_A', '\u00e4\u00ff']]);
  });

  /** Express and Connect set `originalUrl`, and take the mount from the front of `url`. */
  it.each([
    ['/x/a?q', '/a?q', ['/x/a?q', '/x', '/a', '/x/a', 'q']],
    ['/x', '/', ['/x', '/x', undefined, '/x', '']],
    ['/x?q', '/?q', ['/x?q', '/x', undefined, '/x', 'q']],
    ['/a/b', '/a/b', ['/a/b', undefined, '/a/b', '/a/b', '']],
    ['http://h/x/a', 'http://h/a', ['/x/a', '/x', '/a', '/x/a', '']],
  ])('should find where a router has mounted it: %s, routed as %s', async (original, routed, expected) => {
    const app = await FakeApplication.start();
    const gateway = scgiGateway(app.address);
    const server = createServer(
      (request: IncomingMessage & { originalUrl?: string }, response: ServerResponse) => {
        request.originalUrl = original;
        request.url = routed;
        gateway(request, response);
      },
    );
    const address = await listening(server);
    afterwards(() => server.closeAllConnections());
    const accepted = app.accept();
    (await TestGateway.connect(address)).write(get('/anything'));
    expect(targetIn(Object.fromEntries(await (await accepted).variables()))).toEqual(expected);
  });
});
