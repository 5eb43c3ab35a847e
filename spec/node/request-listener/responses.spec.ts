/** What a gateway gets of a listener's response. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { answerOf, bodyOf } from '../../helpers/sockets/listener-server.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A listener that reads the request before it answers. */
const answering =
  (answer: Answer): RequestListener =>
  (request, response) =>
    void bodyOf(request).then(() => answer(response, request));

/** The lines of a head, without the date. */
function linesOf(head: string): string[] {
  return head.split('\r\n').filter((line) => !/^date: /i.test(line));
}

describe('a response of a listener', () => {
  it.each<[string, Answer, string[], string]>([
    ['end(text)', (response) => response.end('text'), ['Status: 200 OK', 'Content-Length: 4'], 'text'],
    ['end()', (response) => response.end(), ['Status: 200 OK', 'Content-Length: 0'], ''],
    [
      'writeHead() with a status and a reason',
      (response) => response.writeHead(404, 'No Such Thing', { 'X-A': 'b' }).end('none'),
      ['Status: 404 No Such Thing', 'X-A: b', 'Content-Length: 4'],
      'none',
    ],
    [
      'several fields of a name',
      (response) => response.setHeader('Set-Cookie', ['a=1', 'b=2']).end('x'),
      ['Status: 200 OK', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Content-Length: 1'],
      'x',
    ],
    [
      'writes in one turn, which go out whole',
      (response) => {
        response.write('a');
        response.write(Buffer.from('b'));
        response.end('c');
      },
      ['Status: 200 OK', 'Content-Length: 3'],
      'abc',
    ],
    [
      'writes in several turns',
      (response) => {
        response.write('a');
        setImmediate(() => {
          response.write('bc');
          setImmediate(() => response.end());
        });
      },
      ['Status: 200 OK'],
      'abc',
    ],
    [
      'the encoding that it sets itself',
      (response) => {
        response.setHeader('Transfer-Encoding', 'chunked').write('a');
        setImmediate(() => response.end('b'));
      },
      ['Status: 200 OK'],
      'ab',
    ],
    [
      'fields of its connection, and a Status of its own',
      (response) =>
        response
          .writeHead(200, {
            Connection: 'keep-alive',
            'Keep-Alive': 'timeout=5',
            Status: '404 x',
            Upgrade: 'x',
          })
          .end('x'),
      ['Status: 200 OK', 'Content-Length: 1'],
      'x',
    ],
    [
      'informational responses before it',
      (response) => {
        response.writeContinue();
        response.writeProcessing();
        response.writeEarlyHints({ link: '</x.css>; rel=preload' });
        response.end('x');
      },
      ['Status: 200 OK', 'Content-Length: 1'],
      'x',
    ],
    [
      'trailers, which are dropped',
      (response) => {
        response.setHeader('Trailer', 'X-T').write('x');
        response.addTrailers({ 'X-T': '1' });
        setImmediate(() => response.end());
      },
      ['Status: 200 OK'],
      'x',
    ],
    [
      'a redirect to a path',
      (response) => response.writeHead(302, { Location: '/new' }).end(),
      ['Status: 302 Found', 'Location: /new', 'Content-Length: 0'],
      '',
    ],
    ['204', (response) => response.writeHead(204).end(), ['Status: 204 No Content'], ''],
    [
      '304 with a length',
      (response) => response.writeHead(304, { 'Content-Length': '5', ETag: '"x"' }).end(),
      ['Status: 304 Not Modified', 'ETag: "x"'],
      '',
    ],
    [
      'more than it has announced',
      (response) => response.writeHead(200, { 'Content-Length': '2' }).end('abc'),
      ['Status: 200 OK', 'Content-Length: 2'],
      'ab',
    ],
    [
      'a body that ends with the connection',
      (response) => {
        response.removeHeader('Transfer-Encoding');
        response.removeHeader('Content-Length');
        response.write('a');
        setImmediate(() => response.end('b'));
      },
      ['Status: 200 OK'],
      'ab',
    ],
    [
      'HTTP that it writes to its socket itself',
      ({ socket }) => socket?.end('HTTP/1.0 201 Made\r\nX-A: 1\r\n\r\nbody'),
      ['Status: 201 Made', 'X-A: 1'],
      'body',
    ],
  ])('should be that of %s', async (_what, answer, lines, body) => {
    const { head, text, errors } = await answerOf(answering(answer), { method: 'POST', body: 'x' });
    expect(linesOf(head)).toEqual(lines);
    expect(text).toBe(body);
    expect(errors).toEqual([]);
  });

  it('should keep the bytes of fields and reasons', async () => {
    const { head } = await answerOf((_request, response) => {
      response.writeHead(200, 'Gr\xfc\xdfe', { 'X-A': '\xe9' }).end();
    });
    expect(linesOf(head)).toEqual(['Status: 200 Gr\xfc\xdfe', 'X-A: \xe9', 'Content-Length: 0']);
  });

  it.each<[string, Answer, string[]]>([
    [
      'with a length',
      (response) => response.writeHead(200, { 'Content-Length': '9' }).end(),
      ['Content-Length: 9'],
    ],
    ['that writes', (response) => response.end('not sent'), []],
    [
      'that goes on',
      (response) => {
        response.write('not sent');
        setImmediate(() => response.end());
      },
      [],
    ],
  ])('should have no body for HEAD, %s', async (_what, answer, lines) => {
    const { head, text } = await answerOf(answering(answer), { method: 'HEAD' });
    expect(linesOf(head)).toEqual(['Status: 200 OK', ...lines]);
    expect(text).toBe('');
  });

  it('should be of any size', async () => {
    const megabyte = 'x'.repeat(1_000_000);
    const { text } = await answerOf((_request, response) => {
      for (let count = 0; count < 10; count++) response.write(megabyte);
      response.end();
    });
    expect(text).toHaveLength(10_000_000);
    const whole = await answerOf((_request, response) => void response.end(megabyte));
    expect(whole.head).toContain('Content-Length: 1000000');
    expect(whole.text).toHaveLength(1_000_000);
  });

  it('should go out before the upload is read, which is then read to its end', async () => {
    const body = 'x'.repeat(5_000_000);
    const { head, text } = await answerOf(
      (_request, response) => void response.writeHead(413).end('too large'),
      {
        method: 'POST',
        body,
      },
    );
    expect(head).toMatch(/^Status: 413 /);
    expect(text).toBe('too large');
  });

  it('should be refused with a head that no web server takes', async () => {
    const { head, errors } = await answerOf((_request, response) => {
      response.writeHead(200, { 'X-Long': 'x'.repeat(70_000) }).end();
    });
    expect(head).toMatch(/^Status: 502 /);
    expect(errors).toMatchObject([{ code: 'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE' }]);
  });

  it.each<[string, Answer, number, string]>([
    ['a status that is none', (response) => response.writeHead(600).end(), 500, 'ERR_SCGI_STATUS_INVALID'],
    [
      'another protocol',
      ({ socket }) => socket?.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
      500,
      'ERR_SCGI_STATUS_INVALID',
    ],
    ['what is not HTTP', ({ socket }) => socket?.end('hello\r\n'), 502, 'ERR_SCGI_RESPONSE_HEAD'],
    ['half a head', ({ socket }) => socket?.end('HTTP/1.1 200 OK\r\nX'), 502, 'ERR_SCGI_RESPONSE_TRUNCATED'],
    [
      'a field that is none',
      ({ socket }) => socket?.end('HTTP/1.1 200 OK\r\n X: 1\r\n\r\n'),
      502,
      'ERR_SCGI_RESPONSE_HEAD',
    ],
    [
      'a length that is none',
      ({ socket }) => socket?.end('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'),
      502,
      'ERR_SCGI_RESPONSE_HEAD',
    ],
    ['nothing', (response) => response.destroy(), 502, 'ERR_SCGI_EMPTY_RESPONSE'],
    ['an end', ({ socket }) => socket?.end(), 502, 'ERR_SCGI_EMPTY_RESPONSE'],
  ])('should be an error of one that writes %s', async (_what, answer, status, code) => {
    const { head, errors } = await answerOf(answering(answer));
    expect(head).toContain(`Status: ${status} `);
    expect(errors).toMatchObject([{ code }]);
  });
});
