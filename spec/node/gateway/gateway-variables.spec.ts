import { createServer, type IncomingMessage } from 'node:http';
import {
  encodeVariables,
  gatewayVariables,
  type Variable,
} from '../../../lib/node/gateway/gateway-variables.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { TestGateway, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

interface Received {
  readonly request: IncomingMessage;
  readonly port: string;
  readonly clientPort: string;
}

/** The request that Node.js makes of these bytes. */
async function receive(...lines: string[]): Promise<Received> {
  const server = createServer();
  const address = await listening(server);
  const received = new Promise<IncomingMessage>((resolve) => server.once('request', resolve));
  const client = await TestGateway.connect(address);
  client.write(`${lines.join('\r\n')}\r\n\r\n`);
  return {
    request: await received,
    port: address.replace(/^.*:/, ''),
    clientPort: String(client.socket.localPort),
  };
}

/** The variables of a GET with these header lines. */
async function fieldsOf(...lines: string[]): Promise<Variable[]> {
  const { request } = await receive('GET / HTTP/1.1', 'Host: x', ...lines);
  return gatewayVariables(request, 0).filter(([name]) => name.startsWith('HTTP_') && name !== 'HTTP_HOST');
}

async function targetOf(target: string): Promise<Record<string, string>> {
  const { request } = await receive(`GET ${target} HTTP/1.1`, 'Host: x');
  const { REQUEST_URI, DOCUMENT_URI, QUERY_STRING } = Object.fromEntries(
    gatewayVariables(request, 0),
  ) as Record<string, string>;
  return { REQUEST_URI: REQUEST_URI!, DOCUMENT_URI: DOCUMENT_URI!, QUERY_STRING: QUERY_STRING! };
}

describe('gatewayVariables', () => {
  it('should list the request in the order of the specification', async () => {
    const { request, port, clientPort } = await receive(
      'POST /a%20b?q=1 HTTP/1.1',
      'Host: example.org:8080',
      'Content-Type: text/plain',
      'Content-Length: 0',
      'X-One: 1',
    );
    expect(gatewayVariables(request, 12, [['REQUEST_ID', 'id']])).toEqual([
      ['CONTENT_LENGTH', '12'],
      ['SCGI', '1'],
      ['GATEWAY_INTERFACE', 'CGI/1.1'],
      ['REQUEST_METHOD', 'POST'],
      ['REQUEST_URI', '/a%20b?q=1'],
      ['DOCUMENT_URI', '/a b'],
      ['QUERY_STRING', 'q=1'],
      ['REQUEST_SCHEME', 'http'],
      ['SERVER_PROTOCOL', 'HTTP/1.1'],
      ['SERVER_SOFTWARE', 'rxscgi'],
      ['SERVER_NAME', 'example.org'],
      ['SERVER_ADDR', '127.0.0.1'],
      ['SERVER_PORT', port],
      ['REMOTE_ADDR', '127.0.0.1'],
      ['REMOTE_PORT', clientPort],
      ['CONTENT_TYPE', 'text/plain'],
      ['REQUEST_ID', 'id'],
      ['HTTP_HOST', 'example.org:8080'],
      ['HTTP_X_ONE', '1'],
    ]);
  });

  it('should set HTTPS for a connection over TLS', async () => {
    const { request } = await receive('GET / HTTP/1.1', 'Host: x');
    Object.assign(request.socket, { encrypted: true });
    const variables = gatewayVariables(request, 0);
    expect(variables).toContainEqual(['HTTPS', 'on']);
    expect(variables).toContainEqual(['REQUEST_SCHEME', 'https']);
  });

  it.each([
    ['/', '/', '/', ''],
    ['/?', '/?', '/', ''],
    ['/%E4%2F?a?b', '/%E4%2F?a?b', '/\u00e4/', 'a?b'],
    // No value can hold a NUL.
    ['/%00%0g', '/%00%0g', '/%00%0g', ''],
    ['http://other/x?y', 'http://other/x?y', '/x', 'y'],
    ['*', '*', '*', ''],
  ])('should parse %s', async (target, uri, path, query) => {
    expect(await targetOf(target)).toEqual({ REQUEST_URI: uri, DOCUMENT_URI: path, QUERY_STRING: query });
  });

  it.each([
    ['[::1]:8080', '[::1]'],
    ['example.org', 'example.org'],
    ['no host"', '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('should take the server name from the host %j', async (host, name) => {
    const { request } = await receive('GET / HTTP/1.0', `Host: ${host}`);
    expect(gatewayVariables(request, 0)).toContainEqual(['SERVER_NAME', name]);
  });

  it('should join repeated fields, and cookies by semicolons', async () => {
    expect(await fieldsOf('X-A: 1', 'Cookie: a=1', 'x-a: 2', 'cookie: b=2', 'X-A: 3')).toEqual([
      ['HTTP_X_A', '1, 2, 3'],
      ['HTTP_COOKIE', 'a=1; b=2'],
    ]);
  });

  it('should omit fields of the connection, and fields that its Connection field names', async () => {
    const hopByHop = [
      'Keep-Alive: 5',
      'TE: trailers',
      'Trailer: X',
      'Upgrade: h2c',
      'Proxy-Connection: close',
    ];
    const answered = ['Proxy-Authorization: x', 'Expect: 100-continue'];
    expect(
      await fieldsOf('Connection: close, X-Mine', 'X-Mine: 1', ...hopByHop, ...answered, 'X-A: 1'),
    ).toEqual([['HTTP_X_A', '1']]);
  });

  it('should never send HTTP_PROXY (httpoxy)', async () => {
    expect(await fieldsOf('Proxy: http://evil/', 'PROXY: x')).toEqual([]);
  });

  it('should not mistake an underscore for a hyphen', async () => {
    expect(await fieldsOf('X_Forwarded_For: 1.2.3.4', 'X-A: 1')).toEqual([['HTTP_X_A', '1']]);
  });

  it('should omit empty variables except QUERY_STRING', async () => {
    expect(await fieldsOf('X-Empty:', 'X-A: 1')).toEqual([['HTTP_X_A', '1']]);
  });

  it('should keep the bytes of fields', async () => {
    expect(await fieldsOf('X-A: \u00e4\u00ff')).toEqual([['HTTP_X_A', '\u00e4\u00ff']]);
  });
});

describe('encodeVariables', () => {
  it('should be readable by the request reader', () => {
    const variables: Variable[] = [
      ['CONTENT_LENGTH', '0'],
      ['SCGI', '1'],
      ['REQUEST_METHOD', 'GET'],
      ['REQUEST_URI', '/\u00e4'],
      ['QUERY_STRING', ''],
      ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ];
    expect([...encodeVariables(variables)]).toEqual([...requestBytes({ uri: '/\u00e4' })]);
  });
});
