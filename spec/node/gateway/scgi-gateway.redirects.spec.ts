/** Local redirects, which `scgiGateway` follows. RFC 3875 §6.2.2 */
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import type { FakeConnection } from '../../helpers/sockets/outgoing/fake-application.js';
import { begin, front } from '../../helpers/sockets/outgoing/scgi-front.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

/** Redirects the request of a connection. @returns the connection of the next. */
async function redirect(
  { app }: Awaited<ReturnType<typeof begin>>,
  connection: FakeConnection,
  location: string,
): Promise<FakeConnection> {
  await connection.variables();
  const accepted = app.accept();
  connection.respond(`Location: ${location}\n\n`);
  return accepted;
}

describe('scgiGateway and a local redirect', () => {
  it('should ask the application again, by GET and without the body', async () => {
    const exchange = await begin(
      'POST /old?q=1 HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nCookie: a=1\r\nContent-Length: 4\r\n\r\nbody',
    );
    const next = await redirect(exchange, exchange.connection, '/new%20one?r=2#top');
    const variables = Object.fromEntries(await next.variables());
    expect(variables).toMatchObject({
      REQUEST_METHOD: 'GET',
      CONTENT_LENGTH: '0',
      REQUEST_URI: '/new%20one?r=2',
      PATH_INFO: '/new one',
      DOCUMENT_URI: '/new one',
      QUERY_STRING: 'r=2',
      REDIRECT_URL: '/old',
      HTTP_COOKIE: 'a=1',
    });
    expect(variables).not.toHaveProperty('CONTENT_TYPE');
    expect(next.text).not.toContain('body');
    next.respond('Content-Length: 3\n\nnew');
    const text = await exchange.client.received((each) => each.endsWith('new'));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).not.toMatch(/location/i);
    expect(exchange.codes).toEqual([]);
  });

  it('should stay HEAD, and close the first connection', async () => {
    const exchange = await begin('HEAD /old HTTP/1.1\r\nHost: x\r\n\r\n');
    const next = await redirect(exchange, exchange.connection, '/new');
    expect(Object.fromEntries(await next.variables())).toMatchObject({ REQUEST_METHOD: 'HEAD' });
    expect(await exchange.connection.ending()).toMatch(/complete|ECONNRESET/);
    next.respond('Content-Length: 3\n\n');
    await exchange.client.received((text) => /Content-Length: 3\r\n[^]*\r\n\r\n$/.test(text));
  });

  it('should drop the rest of an upload, and serve the next request behind it', async () => {
    const exchange = await begin('POST /old HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nfirst');
    const next = await redirect(exchange, exchange.connection, '/new');
    await next.variables();
    next.respond('Content-Length: 3\n\nnew');
    await exchange.client.received((text) => text.endsWith('new'));
    const accepted = exchange.app.accept();
    exchange.client.write(`${'x'.repeat(99_995)}GET /behind HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await (await accepted).variables()).toContainEqual(['REQUEST_URI', '/behind']);
  });

  it.each([
    ['has a status', 'Status: 302\nLocation: /app/new\n\n'],
    ['has another field', 'Location: /app/new\nSet-Cookie: a=1\n\n'],
    ['is to another host', 'Location: //app/new\n\n'],
    ['is absolute', 'Location: http://x/new\n\n'],
    ['leaves the mount', 'Location: /elsewhere\n\n'],
    ['leaves the mount by dots', 'Location: /app/%2e%2e/elsewhere\n\n'],
  ])('should pass it on to the client when it %s', async (_what, response) => {
    const { app, url, codes } = await front({ mount: '/app' });
    const accepted = app.accept();
    const reply = call(`${url}app`);
    (await accepted).respond(response);
    const location = /Location: (.*)/.exec(response)?.[1];
    expect(await reply).toMatchObject({ status: 302, complete: true, headers: { location } });
    expect(codes).toEqual([]);
  });

  it('should follow 10 of them, and answer 502 to the 11th', async () => {
    for (const count of [10, 11]) {
      const exchange = await begin();
      let { connection } = exchange;
      for (let n = 1; n <= 10; n++) connection = await redirect(exchange, connection, `/${n}`);
      expect(await connection.variables()).toContainEqual(['REQUEST_URI', '/10']);
      connection.respond(count === 10 ? 'Content-Length: 2\n\nin' : 'Location: /11\n\n');
      await exchange.client.received((text) => text.startsWith(`HTTP/1.1 ${count === 10 ? 200 : 502} `));
      expect(exchange.codes).toEqual(count === 10 ? [] : ['ERR_SCGI_LOCAL_REDIRECTS']);
    }
  });

  it('should close the connection that it leads to when the client leaves', async () => {
    const exchange = await begin();
    const next = await redirect(exchange, exchange.connection, '/new');
    await next.variables();
    exchange.client.socket.destroy();
    expect(await next.ending()).toBe('ECONNRESET');
  });
});
