/** HTTP in, SCGI out: what reaches the application, what comes back, and what becomes of either when the other goes. */
import { createServer } from 'node:http';
import { httpToScgi, type HttpToScgiOptions } from '../../lib/node/http-to-scgi.js';
import type { GatewayError } from '../../lib/node/gateway-error.js';
import { FakeApplication, type FakeConnection } from '../helpers/fake-application.js';
import { call } from '../helpers/peers/http-client.js';
import { expectNoProcessFaults } from '../helpers/process-faults.js';
import { TRANSPORTS, TestGateway, afterwards, cleanUpSockets, listening } from '../helpers/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

const GET = 'GET /x HTTP/1.1\r\nHost: x\r\n\r\n';

/** The end of an SCGI head. */
const HEAD = /^\d+:[^]*\0,/;

/** A front end before an application, and the failures of the one with the other. */
interface Front {
  readonly host: string;
  readonly url: string;
  readonly app: FakeApplication;
  readonly codes: string[];
}

async function front(options: HttpToScgiOptions = {}, transport: 'TCP' | 'Unix' = 'TCP'): Promise<Front> {
  const app = await FakeApplication.start(transport);
  const { host, codes } = await frontBefore(app.address, options);
  return { host, url: `http://${host}/`, app, codes };
}

async function frontBefore(
  target: string,
  options: HttpToScgiOptions,
): Promise<{ host: string; codes: string[] }> {
  const codes: string[] = [];
  const onError = (error: unknown): number => codes.push((error as GatewayError).code);
  const server = createServer(httpToScgi(target, { onError, ...options }));
  const host = await listening(server);
  afterwards(() => server.closeAllConnections());
  return { host, codes };
}

interface Exchange extends Front {
  readonly client: TestGateway;
  readonly connection: FakeConnection;
}

/** Both ends of an exchange that has begun. */
async function begin(
  request = GET,
  options?: HttpToScgiOptions,
  transport?: 'TCP' | 'Unix',
): Promise<Exchange> {
  const before = await front(options, transport);
  const accepted = before.app.accept();
  const client = await TestGateway.connect(before.host);
  client.write(request);
  return { ...before, client, connection: await accepted };
}

/** What the client got, as Node.js's own client takes it, for a response of these bytes. */
async function replyTo(
  response: string,
  method = 'GET',
): Promise<Awaited<ReturnType<typeof call>> & { codes: string[] }> {
  const { app, url, codes } = await front();
  const accepted = app.accept();
  const reply = call(url, { method });
  (await accepted).respond(response);
  return { ...(await reply), codes };
}

describe('httpToScgi', () => {
  it('should throw at the call for what is no address to connect to', () => {
    expect(() => httpToScgi('nowhere')).toThrow(TypeError);
    expect(() => httpToScgi('fd:3')).toThrow(TypeError);
  });

  describe.each(TRANSPORTS)('over %s', (transport) => {
    it('should carry a request and its response', async () => {
      const { client, connection, codes } = await begin(GET, {}, transport);
      const variables = await connection.variables();
      expect(variables.slice(0, 2)).toEqual([
        ['CONTENT_LENGTH', '0'],
        ['SCGI', '1'],
      ]);
      expect(variables).toContainEqual(['REQUEST_URI', '/x']);
      connection.respond('Status: 201 Made\nContent-Length: 4\n\nbody');
      expect(await client.received((text) => text.endsWith('body'))).toMatch(/^HTTP\/1\.1 201 Made\r\n/);
      expect(codes).toEqual([]);
    });

    it('should end the connection when the client goes away', async () => {
      const { client, connection } = await begin(GET, {}, transport);
      connection.write('X: 1\n\n');
      await client.received((text) => text.includes('X: 1'));
      client.socket.destroy();
      // A Unix socket has no reset.
      expect(await connection.ending()).toBe(transport === 'TCP' ? 'ECONNRESET' : 'complete');
    });

    it('should be a 502 when nobody listens', async () => {
      const address = transport === 'TCP' ? '127.0.0.1:1' : 'unix:/nowhere/app.sock';
      const { host, codes } = await frontBefore(address, {});
      expect(await call(`http://${host}/`)).toMatchObject({
        status: 502,
        text: 'Bad Gateway\n',
        complete: true,
      });
      expect(codes).toEqual(['ERR_SCGI_APPLICATION_GONE']);
    });
  });

  describe('the body of a request', () => {
    it('should stream when its length is known', async () => {
      const { client, connection } = await begin(
        'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfirst',
      );
      expect(Object.fromEntries(await connection.variables())).toMatchObject({ CONTENT_LENGTH: '10' });
      await connection.received((text) => text.replace(HEAD, '') === 'first');
      client.write('later');
      await connection.received((text) => text.replace(HEAD, '') === 'firstlater');
    });

    it('should be counted first when it is chunked', async () => {
      const { client, connection } = await begin(
        'POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n5\r\nlater\r\n0\r\n\r\n',
      );
      expect(Object.fromEntries(await connection.variables())).toMatchObject({ CONTENT_LENGTH: '10' });
      await connection.received((text) => text.replace(HEAD, '') === 'firstlater');
      connection.respond('X: 1\n\n');
      await client.received((text) => text.includes('X: 1'));
    });

    it('should be empty when it is chunked and has none', async () => {
      const { connection } = await begin(
        'POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      );
      expect(Object.fromEntries(await connection.variables())).toMatchObject({ CONTENT_LENGTH: '0' });
    });

    it('should be a 413 when it is chunked and longer than the limit by one, without a connection', async () => {
      const { app, host, codes } = await front({ maxCountedBytes: 10 });
      const client = await TestGateway.connect(host);
      const accepted = app.accept();
      client.write('POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n');
      client.write('12345678901\r\n');
      // It has not ended, and gets its answer all the same.
      await client.received((text) => /^HTTP\/1\.1 413 [^]*Content Too Large\n$/.test(text));
      expect(client.text).toContain('Connection: close\r\n');
      client.write('0\r\n\r\n');
      expect(await client.ending()).toBe('end');
      expect(codes).toEqual(['ERR_SCGI_BODY_TOO_LARGE']);
      // The next connection is the next request's, of as many bytes as the limit.
      const next = await TestGateway.connect(host);
      next.write(
        'PUT /next HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\n1234567890\r\n0\r\n\r\n',
      );
      expect(await (await accepted).variables()).toContainEqual(['REQUEST_URI', '/next']);
    });

    it('should end the connection when the client goes away inside of it', async () => {
      const { client, connection } = await begin(
        'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfirst',
      );
      await connection.received((text) => text.endsWith('first'));
      client.socket.destroy();
      expect(await connection.ending()).toBe('ECONNRESET');
    });

    it('should not be waited for when the application answers without it', async () => {
      const { client, connection, app } = await begin(
        'POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfirst',
      );
      await connection.variables();
      connection.respond('Content-Length: 2\n\nno');
      await client.received((text) => text.endsWith('\r\n\r\nno'));
      // Behind the rest of it comes the client's next request, which has a connection of its own.
      const accepted = app.accept();
      client.write(`later${GET.replace('/x', '/next')}`);
      const next = await accepted;
      expect(await next.variables()).toContainEqual(['REQUEST_URI', '/next']);
      next.respond('Content-Length: 3\n\nyes');
      await client.received((text) => text.endsWith('\r\n\r\nyes'));
    });
  });

  describe('the response', () => {
    it('should be passed on as it comes, the head before the body', async () => {
      const { client, connection } = await begin();
      connection.write('Content-Type: text/event-stream\r\n\r\n');
      await client.received((text) =>
        /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/event-stream\r\n[^]*\r\n\r\n$/.test(text),
      );
      connection.write('data: 1\n\n');
      await client.received((text) => text.endsWith('data: 1\n\n\r\n'));
      connection.write('data: 2\n\n');
      await client.received((text) => text.endsWith('data: 2\n\n\r\n'));
      connection.respond('');
      await client.received((text) => text.endsWith('\r\n0\r\n\r\n'));
    });

    it.each([
      ['Content-Type: text/plain\n\nbody', 200, 'body'],
      ['Status: 404 Nothing Here\r\nX: 1\r\n\r\nbody', 404, 'body'],
      ['HTTP/1.1 418 I am a teapot\r\nX: 1\r\n\r\nbody', 418, 'body'],
      ['Location: /there\n\n', 302, ''],
      ['Location: http://x/\nStatus: 301 Moved\n\nbody', 301, 'body'],
      ['Status: 204\n\n', 204, ''],
      ['Status: 304\nETag: "1"\n\n', 304, ''],
      // What is beyond the Content-Length is dropped.
      ['Content-Length: 4\n\nbody and more', 200, 'body'],
      ['Content-Length: 0\n\n', 200, ''],
    ])('should be taken from %j', async (response, status, text) => {
      expect(await replyTo(response)).toMatchObject({ status, text, complete: true, codes: [] });
    });

    it('should have all of several cookies, and no field of the connection', async () => {
      const { headers } = await replyTo(
        'Set-Cookie: a=1\nSet-Cookie: b=2; Path=/\nConnection: x\nX: 1\n\nbody',
      );
      expect(headers['set-cookie']).toEqual(['a=1', 'b=2; Path=/']);
      expect(headers['x']).toBe('1');
      expect(headers.connection).not.toBe('x');
    });

    it('should have no body when the request is HEAD, but its Content-Length', async () => {
      const reply = await replyTo('Content-Length: 1000\nX: 1\n\n', 'HEAD');
      expect(reply).toMatchObject({ status: 200, text: '', complete: true, codes: [] });
      expect(reply.headers['content-length']).toBe('1000');
    });

    it('should be complete at its Content-Length, whatever the application does then', async () => {
      const { client, connection, codes } = await begin();
      connection.write('Content-Length: 4\n\nbody');
      await client.received((text) => text.endsWith('body'));
      // It has not said FIN, and need not.
      expect(await connection.ending()).toMatch(/complete|ECONNRESET/);
      expect(codes).toEqual([]);
      expect(client.ended).toBe(false);
    });

    it.each([
      ['nothing', '', 'ERR_SCGI_EMPTY_RESPONSE'],
      ['half a head', 'Status: 200\nX', 'ERR_SCGI_RESPONSE_HEAD'],
      ['no head', 'hello\n\n', 'ERR_SCGI_RESPONSE_HEAD'],
      ['a field that would split the response', 'X: a\rSet-Cookie: b\n\n', 'ERR_SCGI_RESPONSE_HEAD'],
      ['a head beyond 64 KiB', `X: ${'a'.repeat(65_536)}\n\n`, 'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE'],
    ])('should be a 502 when it is %s', async (_what, response, code) => {
      expect(await replyTo(response)).toMatchObject({
        status: 502,
        text: 'Bad Gateway\n',
        complete: true,
        codes: [code],
      });
    });

    it('should be a 502 when the connection is reset before it', async () => {
      const { client, connection, codes } = await begin();
      await connection.variables();
      connection.reset();
      await client.received((text) => text.startsWith('HTTP/1.1 502 Bad Gateway\r\n'));
      expect(codes).toEqual(['ERR_SCGI_APPLICATION_GONE']);
    });

    it('should be visibly incomplete when it is shorter than its Content-Length', async () => {
      expect(await replyTo('Content-Length: 10\n\nshort')).toMatchObject({
        status: 200,
        text: 'short',
        complete: false,
        codes: ['ERR_SCGI_RESPONSE_TRUNCATED'],
      });
    });

    it('should be visibly incomplete when the connection is reset inside of it', async () => {
      const { client, connection, codes } = await begin();
      connection.write('X: 1\n\nhalf');
      await client.received((text) => text.endsWith('half\r\n'));
      connection.reset();
      await client.ending();
      expect(client.text).not.toContain('\r\n0\r\n');
      expect(codes).toEqual(['ERR_SCGI_RESPONSE_TRUNCATED']);
    });

    it('should reset the connection of HTTP/1.0 when it is incomplete, as its end would look like the end', async () => {
      const { client, connection } = await begin('GET / HTTP/1.0\r\n\r\n');
      connection.write('X: 1\n\nhalf');
      await client.received((text) => text.endsWith('half'));
      connection.reset();
      expect(await client.ending()).toBe('ECONNRESET');
    });
  });
});
