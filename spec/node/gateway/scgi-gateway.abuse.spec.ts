/** What an application receives when a client tries to smuggle a request past the gateway, or to forge what only the gateway may say. */
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { front, variablesOf } from '../../helpers/sockets/outgoing/scgi-front.js';
import { TestGateway, cleanUpSockets } from '../../helpers/sockets/sockets.js';

cleanUpSockets();
expectNoProcessFaults();

const request = (...lines: string[]): string => ['GET / HTTP/1.1', 'Host: x', ...lines, '', ''].join('\r\n');
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';

/** Requests of which two readers would make different ones. */
const AMBIGUOUS: readonly [what: string, bytes: string, status: number][] = [
  [
    'Content-Length and Transfer-Encoding',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${SMUGGLED.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    400,
  ],
  [
    'Transfer-Encoding and Content-Length',
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    400,
  ],
  [
    'two Content-Lengths',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n${SMUGGLED}`,
    400,
  ],
  [
    'two equal Content-Lengths',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`,
    400,
  ],
  [
    'a list of Content-Lengths',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 44\r\n\r\n${SMUGGLED}`,
    400,
  ],
  ['a signed Content-Length', `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +0\r\n\r\n${SMUGGLED}`, 400],
  [
    'a Content-Length beyond exact numbers',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9007199254740993\r\n\r\n`,
    400,
  ],
  ['a folded line', request('X-A: 1', ' Content-Length: 44') + SMUGGLED, 400],
  ['a folded Transfer-Encoding', request('Transfer-Encoding:', ' chunked') + `0\r\n\r\n${SMUGGLED}`, 400],
  ['a bare LF in the head', `GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\nX-B: 2\r\n\r\n`, 400],
  ['a bare CR in a field', request('X-A: 1\rContent-Length: 44') + SMUGGLED, 400],
  ['a blank before the colon', request('Content-Length : 44') + SMUGGLED, 400],
  ['a NUL in a field', request('X-A: 1\0'), 400],
  ['another transfer coding', request('Transfer-Encoding: gzip, chunked') + '0\r\n\r\n', 501],
  ['chunked twice', request('Transfer-Encoding: chunked, chunked') + `0\r\n\r\n${SMUGGLED}`, 400],
  ['a transfer coding over HTTP/1.0', `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['two hosts', request('Host: y'), 400],
  ['a host with a path', 'GET / HTTP/1.1\r\nHost: x/y\r\n\r\n', 400],
  ['a host with a user', 'GET http://me@x/ HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['two hosts beside that of the target', 'GET http://x/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 400],
  ['a target with an empty host', 'GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['a target of another kind', 'GET * HTTP/1.1\r\nHost: x\r\n\r\n', 400],
];

describe('scgiGateway', () => {
  it.each(AMBIGUOUS)('should refuse %s, and pass nothing on', async (_what, bytes, status) => {
    const { app, host } = await front();
    const connected: unknown[] = [];
    app.onConnection(() => connected.push(1));
    const client = await TestGateway.connect(host);
    client.write(bytes);
    await client.received((text) => text.startsWith(`HTTP/1.1 ${status} `));
    expect(connected).toEqual([]);
    // Whatever comes behind it on another connection is the next one.
    const accepted = app.accept();
    (await TestGateway.connect(host)).write(request().replace('/', '/next'));
    expect(await (await accepted).variables()).toContainEqual(['REQUEST_URI', '/next']);
    expect(connected).toEqual([1]);
  });

  /** Each name and value of the variables that begin so, as the application gets them. */
  async function received(prefix: RegExp, ...lines: string[]): Promise<Record<string, string>> {
    const variables = await variablesOf(request(...lines));
    return Object.fromEntries(Object.entries(variables).filter(([name]) => prefix.test(name)));
  }

  it.each([
    ['X_A beside X-A', /X.A/, ['X-A: real', 'X_A: forged'], { HTTP_X_A: 'real' }],
    ['X_A alone', /X.A/, ['X_A: forged'], {}],
    ['X.A beside X-A', /X.A/, ['X.A: forged', 'X-A: real'], { HTTP_X_A: 'real' }],
    ['Content_Length', /LENGTH/, ['Content_Length: 5'], { CONTENT_LENGTH: '0' }],
    ['Content_Type', /TYPE/, ['Content_Type: text/xml'], {}],
    ['a Content-Length of its own', /LENGTH/, ['Content-Length: 0'], { CONTENT_LENGTH: '0' }],
    ['Proxy (httpoxy)', /PROXY/, ['Proxy: http://evil/', 'PROXY: x', 'Pro_xy: x'], {}],
    ['SCGI', /SCGI/, ['SCGI: 2'], { SCGI: '1', HTTP_SCGI: '2' }],
    ['REMOTE_USER', /REMOTE_U/, ['REMOTE_USER: admin', 'Remote-User: admin'], { HTTP_REMOTE_USER: 'admin' }],
    ['REMOTE_ADDR', /REMOTE_A/, ['Remote_Addr: ::1', 'X-Real-IP: ::1'], { REMOTE_ADDR: '127.0.0.1' }],
    ['HTTPS', /HTTPS/, ['HTTPS: on', 'HTTP_S: on'], { HTTP_HTTPS: 'on' }],
    ['Host_', /HOST/, ['Host_: y', 'HTTP-Host: y'], { HTTP_HOST: 'x', HTTP_HTTP_HOST: 'y' }],
    ['__proto__', /__/, ['__proto__: x', 'constructor: y'], {}],
  ])('should not let a client forge %s', async (_what, prefix, lines, expected) => {
    expect(await received(prefix, ...lines)).toEqual(expected);
  });
});
