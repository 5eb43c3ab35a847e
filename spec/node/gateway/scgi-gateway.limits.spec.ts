/** Places, hosts, bodies and routers: what `scgiGateway` answers itself. */
import { createServer } from 'node:http';
import { scgiGateway } from '../../../lib/node/index.js';
import { isAllowedHost } from '../../../lib/node/gateway/http/allowed-hosts.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import { FakeApplication } from '../../helpers/sockets/outgoing/fake-application.js';
import { Log } from '../../helpers/sockets/log.js';
import { GET, begin, front, frontBefore } from '../../helpers/sockets/outgoing/scgi-front.js';
import { TestGateway, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

const get = (path: string): string => GET.replace('/x', path);

describe('scgiGateway', () => {
  it.each([
    ['mount', 'RPC2', TypeError],
    ['allowedHosts', 'localhost', TypeError],
    ['allowedHosts', ['a:80'], TypeError],
    ['allowedHosts', [5], TypeError],
    ['maxBufferedBody', -1, RangeError],
    ['maxConnections', 0, RangeError],
    ['maxWaiting', 1.5, RangeError],
    ['uploadTimeoutMs', 0, RangeError],
    ['sendTimeoutMs', 0, RangeError],
    ['connectTimeoutMs', NaN, RangeError],
    ['maxResponseHeadBytes', 0, RangeError],
  ])('should refuse %s: %j at the call', (name, value, error) => {
    expect(() => scgiGateway('127.0.0.1:1', { [name]: value })).toThrow(error);
  });

  describe('with one connection and one place to wait', () => {
    const one = { maxConnections: 1, maxWaiting: 1 };

    it('should let one request wait until the one before is over, and answer 503 to a third', async () => {
      const { app, client, connection, codes, host } = await begin(get('/1'), one);
      await connection.variables();
      const accepted = app.accept();
      const waiting = await TestGateway.connect(host);
      waiting.write(get('/2'));
      const third = await TestGateway.connect(host);
      // The second may come after the third: whichever waits, one of them is refused.
      third.write(get('/3'));
      await Promise.race(
        [waiting, third].map((each) => each.received((text) => text.startsWith('HTTP/1.1 503 '))),
      );
      expect(codes).toEqual(['ERR_SCGI_TOO_MANY_CONNECTIONS']);
      connection.respond('Content-Length: 2\n\nok');
      await client.received((text) => text.endsWith('ok'));
      const next = await accepted;
      expect(['/2', '/3']).toContain(Object.fromEntries(await next.variables())['REQUEST_URI']);
    });

    it('should give the place of a client that leaves to the next, be it waiting or not', async () => {
      const { app, client, connection, host, log } = await begin(get('/1'), one);
      await connection.variables();
      const waiting = await TestGateway.connect(host);
      waiting.write(get('/2'));
      const refused = await TestGateway.connect(host);
      refused.write(get('/3'));
      await Promise.race([waiting, refused].map((each) => each.received((text) => text.includes(' 503 '))));
      const left = waiting.text === '' ? waiting : refused;
      left.socket.destroy();
      await log.value((event) => event.type === 'response' && event.status === 0);
      const accepted = app.accept();
      const last = await TestGateway.connect(host);
      last.write(get('/4'));
      client.socket.destroy();
      await connection.ending();
      expect(await (await accepted).variables()).toContainEqual(['REQUEST_URI', '/4']);
    });

    it('should let no request wait for more than headersTimeoutMs', async () => {
      // No timeout of the first one runs while it waits for the rest of its upload.
      const upload = 'POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na';
      const { connection, codes, host } = await begin(upload, { ...one, headersTimeoutMs: 100 });
      await connection.variables();
      const waiting = await TestGateway.connect(host);
      waiting.write(get('/2'));
      await waiting.received((text) => text.startsWith('HTTP/1.1 503 '));
      expect(codes).toEqual(['ERR_SCGI_TOO_MANY_CONNECTIONS']);
    });

    it.each([
      ['of known length', 'Content-Length: 5', 'a'],
      ['that is collected', 'Transfer-Encoding: chunked', '1\r\na\r\n'],
    ])(
      'should wait for a body %s no longer than uploadTimeoutMs without a byte',
      async (_what, field, part) => {
        const { app, codes, host } = await front({ ...one, uploadTimeoutMs: 50 });
        const silent = await TestGateway.connect(host);
        silent.write(`POST /1 HTTP/1.1\r\nHost: x\r\n${field}\r\n\r\n${part}`);
        await silent.received((text) => text.startsWith('HTTP/1.1 408 '));
        expect(codes).toEqual(['ERR_SCGI_BODY_TIMEOUT']);
        const next = await TestGateway.connect(host);
        next.write(get('/2'));
        const paths: unknown[] = [];
        while (!paths.includes('/2'))
          paths.push(Object.fromEntries(await (await app.accept()).variables())['REQUEST_URI']);
      },
    );

    it('should cut a response whose client sends nothing more of its body, and to which the application adds nothing', async () => {
      const upload = 'POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\na';
      const { app, client, connection, codes, host, log } = await begin(upload, {
        ...one,
        uploadTimeoutMs: 100,
      });
      await connection.variables();
      connection.write('A: b\n\nearly');
      await client.received((text) => text.includes('early'));
      // As long as the application adds something, nothing is cut.
      const start = performance.now();
      for (let count = 0; performance.now() - start < 300; count++) {
        connection.write(`<${count}>`);
        await client.received((text) => text.includes(`<${count}>`));
      }
      expect(codes).toEqual([]);
      expect(await log.value(({ type }) => type === 'response')).toMatchObject({
        status: 200,
        aborted: true,
      });
      expect(codes).toEqual(['ERR_SCGI_BODY_TIMEOUT']);
      expect(client.text).not.toMatch(/0\r\n\r\n$/);
      const accepted = app.accept();
      (await TestGateway.connect(host)).write(get('/2'));
      expect(await (await accepted).variables()).toContainEqual(['REQUEST_URI', '/2']);
    });

    it('should give the place back after each kind of failure', async () => {
      const { url, codes } = await frontBefore('127.0.0.1:1', one);
      for (let count = 0; count < 3; count++) expect(await call(url)).toMatchObject({ status: 502 });
      expect(codes).toEqual(Array(3).fill('ERR_SCGI_CONNECT_FAILED'));
    });
  });

  it.each([
    ['localhost', 200],
    ['localhost:8080', 200],
    ['app.localhost', 200],
    ['127.0.0.1', 200],
    ['192.0.2.7:80', 200],
    ['[::1]:80', 200],
    ['LOCALHOST.', 200],
    ['shop.example', 200],
    ['a.below.example', 200],
    ['below.example', 200],
    ['x.shop.example', 421],
    ['evilbelow.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['evillocalhost', 421],
  ])(
    'should answer a request for %s with %i when it allows shop.example and .below.example',
    async (host, status) => {
      const { app, codes, ...gateway } = await front({ allowedHosts: ['Shop.example', '.below.example'] });
      const accepted = app.accept();
      const client = await TestGateway.connect(gateway.host);
      client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      if (status === 200) expect(await (await accepted).variables()).toContainEqual(['HTTP_HOST', host]);
      else await client.received((text) => text.startsWith(`HTTP/1.1 ${status} `));
      expect(codes).toEqual(status === 200 ? [] : ['ERR_SCGI_HOST_NOT_ALLOWED']);
    },
  );

  it('should judge the host of an absolute target, not the Host field', async () => {
    const { host } = await front({ allowedHosts: [] });
    const client = await TestGateway.connect(host);
    client.write('GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.received((text) => text.startsWith('HTTP/1.1 421 '));
  });

  it.each(['X-Forwarded-Host: localhost', 'Forwarded: host=localhost'])(
    'should judge the Host field, too, where a page claims to be a proxy: %s',
    async (line) => {
      const { host } = await front({ allowedHosts: [], trustProxy: '127.0.0.1' });
      const client = await TestGateway.connect(host);
      client.write(`GET / HTTP/1.1\r\nHost: evil.example\r\n${line}\r\n\r\n`);
      await client.received((text) => text.startsWith('HTTP/1.1 421 '));
    },
  );

  it('should judge the host that a proxy names', async () => {
    const { host } = await front({ allowedHosts: [], trustProxy: '127.0.0.1' });
    const client = await TestGateway.connect(host);
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\n\r\n');
    await client.received((text) => text.startsWith('HTTP/1.1 421 '));
  });

  it('should take a request without a host, which no browser sends', async () => {
    const { connection } = await begin('GET / HTTP/1.0\r\n\r\n', { allowedHosts: [] });
    expect(Object.fromEntries(await connection.variables())).not.toHaveProperty('HTTP_HOST');
  });

  it.each(['', 'a/b', 'a b', '[::1', ':80'])('should not allow %j, which is not a host', (authority) => {
    expect(isAllowedHost(authority, [])).toBe(false);
  });

  it.each([
    [undefined, 999, 400],
    [undefined, 990, 200],
    [100, 99, 400],
    [100, 90, 200],
    [0, 3000, 200],
  ])(
    'should refuse fields that Node.js drops, the length of the body among them: maxHeadersCount %s, %i others',
    async (maxHeadersCount, others, status) => {
      const app = await FakeApplication.start();
      const server = createServer(scgiGateway(app.address));
      if (maxHeadersCount !== undefined) server.maxHeadersCount = maxHeadersCount;
      const client = await TestGateway.connect(await listening(server));
      const accepted = app.accept();
      client.write(`POST / HTTP/1.1\r\n${'A:\r\n'.repeat(others)}Host: x\r\nContent-Length: 4\r\n\r\nbody`);
      if (status === 200) await (await accepted).received((text) => text.endsWith(',body'));
      else await client.received((text) => text.startsWith(`HTTP/1.1 ${status} `));
    },
  );

  it('should not call the application for a client that left while a middleware took its time', async () => {
    const app = await FakeApplication.start();
    const gateway = scgiGateway(app.address, { trustProxy: 'unix:' });
    const log = new Log(gateway.events);
    const server = createServer((request, response) => {
      if (request.url === '/x') response.on('close', () => gateway(request, response));
      else gateway(request, response);
    });
    const host = await listening(server);
    const client = await TestGateway.connect(host);
    const accepted = app.accept();
    client.write(get('/x'));
    await new Promise((resolve) => server.once('request', resolve));
    client.socket.resetAndDestroy();
    expect(await log.value(({ type }) => type === 'response')).toMatchObject({ status: 0, aborted: true });
    // The first call that arrives is that of another client.
    const next = await TestGateway.connect(host);
    next.write(get('/y'));
    expect(await (await accepted).variables()).toContainEqual(['REQUEST_URI', '/y']);
  });

  it('should answer 404 outside of its mount, without a connection and without a failure', async () => {
    const { url, codes } = await frontBefore('127.0.0.1:1', { mount: '/app' });
    for (const path of ['', 'apple', 'app/..', 'app/%2e%2e%2fx', 'App'])
      expect(await call(url, { target: `/${path}` })).toMatchObject({ status: 404, text: 'Not Found\n' });
    expect(await call(`${url}app`)).toMatchObject({ status: 502 });
    expect(codes).toEqual(['ERR_SCGI_CONNECT_FAILED']);
  });

  it('should say that a body has been read before it, instead of waiting for it', async () => {
    const app = await FakeApplication.start();
    const gateway = scgiGateway(app.address);
    const log = new Log(gateway.events);
    const server = createServer((request, response) => {
      request.resume().on('end', () => gateway(request, response));
    });
    const reply = await call(`http://${await listening(server)}/`, { body: Buffer.from('body') });
    expect(reply).toMatchObject({ status: 500, text: 'Internal Server Error\n' });
    expect(log.values[0]).toMatchObject({ type: 'failure', error: { code: 'ERR_SCGI_BODY_USED' } });
  });

  it('should count the bytes of both bodies', async () => {
    const { client, connection, log } = await begin(
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n',
    );
    await connection.variables();
    connection.respond('Status: 201\nContent-Length: 4\n\nbody');
    await client.received((text) => text.endsWith('body'));
    const figures = { status: 201, aborted: false, bytesIn: 5, bytesOut: 4 };
    expect(await log.value(({ type }) => type === 'response')).toMatchObject(figures);
  });

  it('should go on when a subscriber of its events throws', async () => {
    const app = await FakeApplication.start();
    const gateway = scgiGateway(app.address);
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    gateway.events.subscribe(() => {
      throw new Error('out of cheese');
    });
    const url = `http://${await listening(createServer(gateway))}/`;
    for (let count = 0; count < 2; count++) {
      const accepted = app.accept();
      const reply = call(url);
      (await accepted).respond('Content-Length: 2\n\nok');
      expect(await reply).toMatchObject({ status: 200, text: 'ok' });
    }
    expect(stderr.mock.calls.join('')).toContain('out of cheese');
    stderr.mockRestore();
  });
});
