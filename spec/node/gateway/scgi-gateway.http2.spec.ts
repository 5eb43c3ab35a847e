/** HTTP/2 in front of `scgiGateway`, by the compatibility API of `node:http2`. */
import { once } from 'node:events';
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ClientHttp2Session,
} from 'node:http2';
import { readProperty } from '../../../lib/core/errors/error-facts.js';
import { scgiGateway, type GatewayEvent, type GatewayOptions } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { FakeApplication } from '../../helpers/sockets/outgoing/fake-application.js';
import { Log } from '../../helpers/sockets/log.js';
import { afterwards, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

describe('scgiGateway over HTTP/2', () => {
  interface Http2Front {
    readonly app: FakeApplication;
    readonly session: ClientHttp2Session;
    readonly log: Log<GatewayEvent>;
  }

  interface Http2Options extends GatewayOptions {
    /** Bytes of a stream that the client takes before it allows more. */
    readonly initialWindowSize?: number;
    /** Whether the gateway is told of `Expect: 100-continue`. */
    readonly isToldToContinue?: boolean;
  }

  async function http2Front(options: Http2Options = {}): Promise<Http2Front> {
    const { initialWindowSize, isToldToContinue = false, ...gatewayOptions } = options;
    const app = await FakeApplication.start();
    const gateway = scgiGateway(app.address, gatewayOptions);
    const log = new Log(gateway.events);
    const server = createHttp2Server(gateway);
    if (isToldToContinue) server.on('checkContinue', gateway);
    const host = await listening(server);
    const settings = initialWindowSize === undefined ? {} : { initialWindowSize };
    const session = connectHttp2(`http://${host}`, { settings });
    session.on('error', () => undefined);
    afterwards(() => session.destroy());
    return { app, session, log };
  }

  it('should carry a request and its response', async () => {
    const { app, session, log } = await http2Front();
    const accepted = app.accept();
    const stream = session.request({
      ':method': 'PUT',
      ':path': '/a?b',
      ':authority': 'shop.example',
      cookie: ['a=1', 'b=2'],
      'content-length': '4',
      x_a: 'forged',
      proxy: 'http://evil/',
    });
    stream.end('body');
    const connection = await accepted;
    const variables = Object.fromEntries(await connection.variables());
    expect(variables).toMatchObject({
      CONTENT_LENGTH: '4',
      REQUEST_METHOD: 'PUT',
      REQUEST_URI: '/a?b',
      SERVER_PROTOCOL: 'HTTP/2.0',
      SERVER_NAME: 'shop.example',
      HTTP_HOST: 'shop.example',
      HTTP_COOKIE: 'a=1; b=2',
    });
    expect(Object.keys(variables).filter((name) => /X_A|PROXY|:/.test(name))).toEqual([]);
    await connection.received((text) => text.endsWith(',body'));
    connection.respond('Status: 201 Made\nSet-Cookie: a\nSet-Cookie: b\nConnection: close\nX: \xe4\n\nall');
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers).toMatchObject({ ':status': 201, 'set-cookie': ['a', 'b'] });
    expect(headers).not.toHaveProperty('connection');
    expect(await textOf(stream)).toBe('all');
    expect(await log.value(({ type }) => type === 'response')).toMatchObject({
      status: 201,
      aborted: false,
    });
  });

  it('should count a body without a length, and know that a request without a body has none', async () => {
    const { app, session } = await http2Front();
    for (const body of ['', 'counted']) {
      const accepted = app.accept();
      const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: body === '' });
      if (body !== '') stream.end(body);
      const connection = await accepted;
      expect(await connection.variables()).toContainEqual(['CONTENT_LENGTH', String(body.length)]);
      connection.respond('Content-Length: 2\n\nok');
      expect(await textOf(stream)).toBe('ok');
    }
  });

  it.each([
    ['a second ETag', 'ETag: "a"\nETag: "b"'],
    ['a second Date', 'Date: Thu, 01 Jan 1970 00:00:00 GMT\nDate: Thu, 01 Jan 1970 00:00:01 GMT'],
    ['a second Location', 'Status: 302\nLocation: http://a/\nLocation: http://b/'],
    ['a field of another connection', 'Content-Encoding: gzip\nHTTP2-Settings: x'],
  ])('should answer 502 to %s, which HTTP/2 cannot have, and nothing of it', async (_what, head) => {
    const { app, session, log } = await http2Front();
    const accepted = app.accept();
    const stream = session.request({ ':path': '/' });
    const connection = await accepted;
    await connection.variables();
    connection.respond(`${head}\n\nhello`);
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(Object.keys(headers).sort()).toEqual([':status', 'content-length', 'content-type', 'date']);
    expect(headers['date']).not.toContain('1970');
    expect(headers[':status']).toBe(502);
    expect(await textOf(stream)).toBe('Bad Gateway\n');
    await log.value(({ type }) => type === 'failure');
  });

  it.each([
    [false, '4'],
    [true, '4'],
    [false, undefined],
    [true, undefined],
  ])('should let a client go on once (told to: %j, length: %j)', async (isToldToContinue, length) => {
    const { app, session } = await http2Front({ isToldToContinue });
    const accepted = app.accept();
    const stream = session.request({
      ...{ ':method': 'POST', ':path': '/', expect: '100-continue' },
      ...(length === undefined ? {} : { 'content-length': length }),
    });
    const told: unknown[] = [];
    stream.on('headers', (headers) => told.push(headers[':status']));
    await once(stream, 'continue');
    stream.end('body');
    const connection = await accepted;
    await connection.received((text) => text.endsWith(',body'));
    connection.respond('Content-Length: 2\n\nok');
    expect(await textOf(stream)).toBe('ok');
    expect(told).toEqual([100]);
  });

  it.each([
    ['the end of a response', '/', 'Content-Length: 4\n\nbody'],
    ['a page of its own', '/', 'no field'],
    ['a page for a path outside of its mount', '/', undefined],
  ])('should cut %s that the client does not take for sendTimeoutMs', async (_what, path, answer) => {
    const mount = answer === undefined ? '/app' : undefined;
    const { app, session, log } = await http2Front({ initialWindowSize: 0, sendTimeoutMs: 100, mount });
    const accepted = app.accept();
    const stream = session.request({ ':path': path });
    stream.on('error', () => undefined);
    const closed = new Promise((resolve) => stream.on('close', resolve));
    if (answer !== undefined) {
      const connection = await accepted;
      await connection.variables();
      connection.respond(answer);
    }
    await log.value(
      (event) => event.type === 'failure' && readProperty(event.error, 'code') === 'ERR_SCGI_SEND_TIMEOUT',
    );
    expect(await log.value(({ type }) => type === 'response')).toMatchObject({ aborted: true });
    await closed;
    expect(stream.rstCode).toBe(2);
  });

  it('should send a 205 without its content', async () => {
    const { app, session, log } = await http2Front();
    const accepted = app.accept();
    const stream = session.request({ ':path': '/' });
    (await accepted).respond('Status: 205\nX: 1\n\nbody');
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers).toMatchObject({ ':status': 205, 'content-length': '0', x: '1' });
    expect(await textOf(stream)).toBe('');
    expect(await log.value(({ type }) => type === 'response')).toMatchObject({ aborted: false, bytesOut: 0 });
  });

  it('should close the connection to the application when the stream is reset', async () => {
    const { app, session, log } = await http2Front();
    const accepted = app.accept();
    const stream = session.request({ ':path': '/' });
    const connection = await accepted;
    connection.write('X: 1\n\nhalf');
    await once(stream, 'data');
    stream.close(8);
    expect(await connection.ending()).toBe('ECONNRESET');
    expect(await log.value(({ type }) => type === 'response')).toMatchObject({ aborted: true });
  });
});

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
