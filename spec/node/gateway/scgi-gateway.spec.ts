/** `scgiGateway`: what reaches the application, and what becomes of it when the client goes. */
import { scgiGateway } from '../../../lib/node/index.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { GET, begin, front, frontBefore } from '../../helpers/sockets/outgoing/scgi-front.js';
import { TRANSPORTS, TestGateway, cleanUpSockets } from '../../helpers/sockets/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

/** The end of an SCGI head. */
const HEAD = /^\d+:[^]*\0,/;

describe('scgiGateway', () => {
  it('should throw at the call for an address that cannot be connected to', () => {
    expect(() => scgiGateway('nowhere')).toThrow(TypeError);
    expect(() => scgiGateway('fd:3')).toThrow(TypeError);
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
      const { host, codes } = await frontBefore(address);
      expect(await call(`http://${host}/`)).toMatchObject({
        status: 502,
        text: 'Bad Gateway\n',
        complete: true,
      });
      expect(codes).toEqual(['ERR_SCGI_CONNECT_FAILED']);
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
      const { app, host, codes } = await front({ maxBufferedBody: 10 });
      const client = await TestGateway.connect(host);
      const accepted = app.accept();
      client.write('POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n');
      client.write('12345678901\r\n');
      // It has not ended, and gets its answer all the same.
      await client.received((text) => /^HTTP\/1\.1 413 [^]*Content Too Large\n$/.test(text));
      // What is left of it is dropped, and the connection can be used again.
      client.write(`1\r\nx\r\n0\r\n\r\n${GET.replace('/x', '/unbroken')}`);
      expect(await (await accepted).variables()).toContainEqual(['REQUEST_URI', '/unbroken']);
      expect(codes).toEqual(['ERR_SCGI_BODY_TOO_LARGE']);
      // As many bytes as the limit are taken.
      const again = app.accept();
      const next = await TestGateway.connect(host);
      next.write(
        'PUT /next HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\n1234567890\r\n0\r\n\r\n',
      );
      expect(await (await again).variables()).toContainEqual(['REQUEST_URI', '/next']);
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
      const rest = 'a'.repeat(1_000_000);
      const head = `POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: ${rest.length + 5}\r\n\r\n`;
      const { client, connection, app } = await begin(`${head}first`);
      await connection.variables();
      connection.respond('Content-Length: 2\n\nno');
      await client.received((text) => text.endsWith('\r\n\r\nno'));
      // Behind the rest of it comes the client's next request, which has a connection of its own.
      const accepted = app.accept();
      client.write(rest + GET.replace('/x', '/next'));
      const next = await accepted;
      expect(await next.variables()).toContainEqual(['REQUEST_URI', '/next']);
      next.respond('Content-Length: 3\n\nyes');
      await client.received((text) => text.endsWith('\r\n\r\nyes'));
    });
  });
});
