/** What comes back through `scgiGateway`, and what a client sees of a response that is none, or half of one. */
import { call, type Reply } from '../../helpers/peers/clients/http-client.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { begin, front } from '../../helpers/sockets/outgoing/scgi-front.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

/** What the client got, as Node.js's own client takes it, for a response of these bytes. */
async function replyTo(response: string, method = 'GET'): Promise<Reply & { codes: string[] }> {
  const { app, url, codes } = await front();
  const accepted = app.accept();
  const reply = call(url, { method });
  (await accepted).respond(response);
  return { ...(await reply), codes };
}

describe('the response through scgiGateway', () => {
  it('should be forwarded as it arrives, the head before the body', async () => {
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
    ['Status: 302\nLocation: /there\n\n', 302, ''],
    ['Location: http://x/\nStatus: 301 Moved\n\nbody', 301, 'body'],
    ['Status: 204\n\n', 204, ''],
    ['Status: 304\nETag: "1"\n\n', 304, ''],
    // What is beyond the Content-Length is dropped.
    ['Content-Length: 4\n\nbody and more', 200, 'body'],
    ['Content-Length: 0\n\n', 200, ''],
  ])('should be taken from %j', async (response, status, text) => {
    expect(await replyTo(response)).toMatchObject({ status, text, complete: true, codes: [] });
  });

  it('should contain all cookies, and no field of the connection', async () => {
    const { headers } = await replyTo(
      'Set-Cookie: a=1\nSet-Cookie: b=2; Path=/\nConnection: y\nX: 1\n\nbody',
    );
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2; Path=/']);
    expect(headers['x']).toBe('1');
    expect(headers.connection).not.toBe('y');
  });

  it('should contain no field that the Connection of the application names', async () => {
    const { headers } = await replyTo(
      'X-A: 1\nconnection: x-a , X-B\nX-B: 2\nCONNECTION: X-C\nX-C: 3\nX-D: 4\n\nbody',
    );
    expect(Object.keys(headers).filter((name) => name.startsWith('x-'))).toEqual(['x-d']);
  });

  it.each([
    ['with a Content-Length', 'Status: 205\nContent-Length: 4\nX: 1\n\nbody'],
    ['without one', 'Status: 205\nX: 1\n\nbody'],
  ])('should have no content when it is a 205 %s', async (_, response) => {
    const { client, connection, codes, log } = await begin();
    connection.respond(response);
    const text = await client.received((each) => each.includes('\r\n\r\n'));
    expect(text).toMatch(/^HTTP\/1\.1 205 Reset Content\r\n/);
    expect(text).toContain('\r\nContent-Length: 0\r\n');
    expect(text).not.toMatch(/Transfer-Encoding|body/);
    expect(await log.value(({ type }) => type === 'response')).toMatchObject({
      status: 205,
      bytesOut: 0,
      aborted: false,
    });
    expect(codes).toEqual([]);
  });

  it.each([204, 304])(
    'should have no content when it is a %d, whatever the application sends',
    async (status) => {
      const { client, connection, log } = await begin();
      connection.respond(`Status: ${status}\nX: 1\n\nbody`);
      await client.received((each) => each.endsWith('\r\n\r\n'));
      await log.value(({ type }) => type === 'response');
      expect(client.text).not.toMatch(/Transfer-Encoding|Content-Length|body/);
    },
  );

  it.each(['100', '103', '199'])(
    'should be a 502 when its status is %s, which ends no response',
    async (status) => {
      const reply = await replyTo(`Status: ${status}\nX: 1\n\n`);
      expect(reply).toMatchObject({ status: 502, codes: ['ERR_SCGI_RESPONSE_HEAD'] });
    },
  );

  it('should keep bytes above 7f in a field whose head is sent before any body', async () => {
    const { client, connection } = await begin();
    connection.write('X-Name: \xe4\xff\nContent-Type: text/event-stream\n\n');
    const head = await client.received((text) => text.includes('\r\n\r\n'));
    expect(head).toContain('\r\nX-Name: \xe4\xff\r\n');
    connection.respond('');
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
    ['half a head', 'Status: 200\nX', 'ERR_SCGI_RESPONSE_TRUNCATED'],
    ['a status beyond those of HTTP', 'Status: 600\nX: 1\n\n', 'ERR_SCGI_RESPONSE_HEAD'],
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
    expect(codes).toEqual(['ERR_SCGI_EMPTY_RESPONSE']);
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

  it('should be visibly incomplete when a reset comes together with the data', async () => {
    // Of so many, some have both in one turn of the loop, which libuv takes for an end.
    for (let count = 0; count < 20; count++) {
      const { client, connection, codes } = await begin();
      await connection.variables();
      connection.write('X: 1\n\nhalf');
      connection.reset();
      await client.ending();
      expect(client.text).not.toContain('\r\n0\r\n');
      expect(codes).toEqual(['ERR_SCGI_RESPONSE_TRUNCATED']);
    }
  });

  it('should reset the connection of HTTP/1.0 when it is incomplete, as its end would look like the end', async () => {
    const { client, connection } = await begin('GET / HTTP/1.0\r\n\r\n');
    connection.write('X: 1\n\nhalf');
    await client.received((text) => text.endsWith('half'));
    connection.reset();
    expect(await client.ending()).toBe('ECONNRESET');
  });
});
