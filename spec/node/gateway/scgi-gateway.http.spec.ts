/** Versions and forms of HTTP in front of `scgiGateway`: HEAD, 100-continue, HTTP/1.0, pipelining. */
import { createServer as createHttpServer } from 'node:http';
import { scgiGateway } from '../../../lib/node/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { FakeApplication } from '../../helpers/sockets/outgoing/fake-application.js';
import { GET, begin, front } from '../../helpers/sockets/outgoing/scgi-front.js';
import { TestGateway, afterwards, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

describe('scgiGateway', () => {
  it('should send no body to HEAD, whatever the application sends, and go on', async () => {
    const { app, client, connection } = await begin('HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n');
    await connection.variables();
    connection.respond('X: 1\n\na body all the same');
    const text = await client.received((each) => each.endsWith('\r\n\r\n'));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\nX: 1\r\n/);
    const accepted = app.accept();
    client.write(GET);
    (await accepted).respond('Content-Length: 2\n\nok');
    expect(await client.received((each) => each.endsWith('ok'))).toMatch(/\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  it('should send no body and no length with 204 and 304', async () => {
    for (const status of [204, 304]) {
      const { client, connection } = await begin('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      await connection.variables();
      connection.respond(`Status: ${status}\nContent-Length: 4\n\nbody`);
      const text = await client.response();
      expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe('');
      if (status === 204) expect(text).not.toMatch(/content-length/i);
    }
  });

  it('should let a client go on that expects 100-continue', async () => {
    const { client, connection } = await begin(
      'POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
    );
    await client.received((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
    client.write('body');
    await connection.received((text) => text.endsWith(',body'));
    connection.respond('Content-Length: 2\n\nok');
    expect(await client.received((text) => text.endsWith('ok'))).toMatch(/\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  it('should ignore that in HTTP/1.0, which has no such answer', async () => {
    const { client, connection } = await begin(
      'POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody',
    );
    await connection.received((text) => text.endsWith(',body'));
    connection.respond('Content-Length: 2\n\nok');
    expect(await client.response()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  describe('that is told of 100-continue', () => {
    const POST = 'POST /app HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n';

    async function told(): Promise<{ app: FakeApplication; client: TestGateway }> {
      const app = await FakeApplication.start();
      const gateway = scgiGateway(app.address, { mount: '/app' });
      const server = createHttpServer(gateway).on('checkContinue', gateway);
      afterwards(() => server.closeAllConnections());
      return { app, client: await TestGateway.connect(await listening(server)) };
    }

    it.each([
      ['Content-Length: 4\r\n\r\n', 'body'],
      ['Transfer-Encoding: chunked\r\n\r\n', '4\r\nbody\r\n0\r\n\r\n'],
    ])('should let the client go on once: %j', async (framing, body) => {
      const { app, client } = await told();
      const accepted = app.accept();
      client.write(POST + framing);
      await client.received((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
      client.write(body);
      const connection = await accepted;
      await connection.received((text) => text.endsWith(',body'));
      connection.respond('Content-Length: 2\n\nok');
      const text = await client.received((each) => each.endsWith('ok'));
      expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200']);
    });

    it('should refuse a request before its body comes', async () => {
      const { client } = await told();
      client.write(POST.replace('/app', '/other') + 'Content-Length: 4\r\n\r\n');
      const text = await client.response();
      expect(text).toMatch(/^HTTP\/1\.1 404 [^]*Connection: close/);
    });

    it('should pass on a refusal of the application before the body', async () => {
      const { app, client } = await told();
      const accepted = app.accept();
      client.write(`${POST}Content-Length: 4\r\n\r\n`);
      (await accepted).respond('Status: 403\nContent-Length: 2\n\nno');
      await client.received((text) => / 403 [^]*no$/.test(text));
    });
  });

  it('should end an HTTP/1.0 response by the end of its connection', async () => {
    const { client, connection } = await begin('GET / HTTP/1.0\r\n\r\n');
    expect(Object.fromEntries(await connection.variables())).toMatchObject({ SERVER_PROTOCOL: 'HTTP/1.0' });
    connection.respond('X: 1\n\nall of it');
    const text = await client.response();
    expect(text).toMatch(/\r\n\r\nall of it$/);
    expect(text).not.toMatch(/chunked/i);
  });

  it('should keep an HTTP/1.0 connection alive where the length is known', async () => {
    const request = 'GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
    const { app, client, connection } = await begin(request);
    await connection.variables();
    connection.respond('Content-Length: 3\n\none');
    await client.received((text) => text.endsWith('one'));
    const accepted = app.accept();
    client.write(request);
    (await accepted).respond('Content-Length: 3\n\ntwo');
    await client.received((text) => text.endsWith('two'));
  });

  it('should take pipelined requests one after the other', async () => {
    const { app, host } = await front();
    const connected: number[] = [];
    app.onConnection(() => connected.push(connected.length));
    const accepted = app.accept();
    const client = await TestGateway.connect(host);
    client.write(`POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none${GET.replace('/x', '/2')}`);
    const first = await accepted;
    await first.received((text) => text.endsWith(',one'));
    expect(connected).toHaveLength(1);
    const next = app.accept();
    first.respond('Content-Length: 5\n\nfirst');
    const second = await next;
    expect(await second.variables()).toContainEqual(['REQUEST_URI', '/2']);
    second.respond('Content-Length: 6\n\nsecond');
    expect(await client.received((text) => text.endsWith('second'))).toMatch(/first[^]*second$/);
  });

  it('should not ask the application for pipelined requests of a client that has left', async () => {
    const { app, client, connection, host } = await begin(GET + GET.replace('/x', '/2'));
    const uris: (string | undefined)[] = [];
    await connection.variables();
    client.socket.destroy();
    await connection.ending();
    const accepted = app.accept();
    (await TestGateway.connect(host)).write(GET.replace('/x', '/other'));
    uris.push(Object.fromEntries(await (await accepted).variables())['REQUEST_URI']);
    expect(uris).toEqual(['/other']);
  });
});
