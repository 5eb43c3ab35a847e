/** What a gateway receives on the wire for each error of docs/reference/errors.md. */
import { EMPTY, forkJoin, map, of, timer } from 'rxjs';
import type { ScgiErrorCode, ScgiHandler, ScgiResponse } from '../../../lib/index.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import { rawExchange } from '../../helpers/peers/clients/raw-exchange.js';
import { ScgiApp, type AppOptions, type Transport } from '../../helpers/peers/applications/scgi-app.js';

type Pair = readonly [name: string, value: string];

const LENGTH: Pair = ['CONTENT_LENGTH', '0'];
const VERSION: Pair = ['SCGI', '1'];
const METHOD: Pair = ['REQUEST_METHOD', 'GET'];
/** No GET: after one, a Unix socket is closed at once, which looks like a cut to the write of `rawExchange`. */
const GOOD = head(LENGTH, VERSION, ['REQUEST_METHOD', 'POST'], ['REQUEST_URI', '/']);

const BAD_REQUEST = 'Status: 400 Bad Request\r\n';
const TOO_LARGE = 'Status: 413 Content Too Large\r\n';
const FIELDS_TOO_LARGE = 'Status: 431 Request Header Fields Too Large\r\n';
const SERVER_ERROR = 'Status: 500 Internal Server Error\r\n';

interface BadRequest {
  readonly code: ScgiErrorCode;
  readonly when: string;
  readonly bytes: string;
  readonly answer?: string;
  readonly options?: AppOptions;
  readonly halfClose?: boolean;
}

const BAD_REQUESTS: BadRequest[] = [
  { code: 'ERR_SCGI_NETSTRING_LENGTH', when: 'the length has a letter', bytes: '7x:' },
  { code: 'ERR_SCGI_NETSTRING_LENGTH', when: 'the length begins with a zero', bytes: '070:' },
  { code: 'ERR_SCGI_NETSTRING_LENGTH', when: 'the length is empty', bytes: ':,' },
  { code: 'ERR_SCGI_NETSTRING_LENGTH', when: 'a TLS handshake comes', bytes: '\x16\x03\x01\x02\x00\x01\x00' },
  {
    code: 'ERR_SCGI_NETSTRING_LENGTH',
    when: 'the uwsgi protocol comes',
    bytes: '\x00\x10\x00\x00\x0eREQUEST_METHOD',
  },
  {
    code: 'ERR_SCGI_HEADERS_TOO_LARGE',
    when: '70 kB are announced',
    bytes: '70000:',
    answer: FIELDS_TOO_LARGE,
  },
  {
    code: 'ERR_SCGI_NETSTRING_TERMINATOR',
    when: 'no comma ends the headers',
    bytes: GOOD.replace(/,$/, ';'),
  },
  {
    code: 'ERR_SCGI_HEADERS_UNTERMINATED',
    when: 'no NUL ends the headers',
    bytes: netstring('CONTENT_LENGTH\x000'),
  },
  {
    code: 'ERR_SCGI_HEADERS_ODD',
    when: 'a name has no value',
    bytes: netstring('CONTENT_LENGTH\x000\0SCGI\0'),
  },
  {
    code: 'ERR_SCGI_TOO_MANY_HEADERS',
    when: 'there are 1,001',
    bytes: head(LENGTH, VERSION, ...Array.from({ length: 999 }, (_, i): Pair => [`HTTP_X_${i}`, ''])),
    answer: FIELDS_TOO_LARGE,
  },
  { code: 'ERR_SCGI_HEADER_NAME_EMPTY', when: 'a name is empty', bytes: head(LENGTH, VERSION, ['', 'x']) },
  {
    code: 'ERR_SCGI_HEADER_DUPLICATE',
    when: 'CONTENT_LENGTH has two values',
    bytes: head(LENGTH, VERSION, ['CONTENT_LENGTH', '1']),
  },
  { code: 'ERR_SCGI_VERSION_MISSING', when: 'SCGI is missing', bytes: head(LENGTH, METHOD) },
  { code: 'ERR_SCGI_VERSION_UNSUPPORTED', when: 'SCGI is 2', bytes: head(LENGTH, ['SCGI', '2']) },
  { code: 'ERR_SCGI_CONTENT_LENGTH_MISSING', when: 'it is missing', bytes: head(VERSION, METHOD) },
  {
    code: 'ERR_SCGI_CONTENT_LENGTH_INVALID',
    when: 'it is negative',
    bytes: head(['CONTENT_LENGTH', '-1'], VERSION),
  },
  {
    code: 'ERR_SCGI_CONTENT_LENGTH_MISMATCH',
    when: 'nginx counts only what it has sent so far',
    bytes: head(LENGTH, VERSION, ['HTTP_CONTENT_LENGTH', '20971520']),
  },
  {
    code: 'ERR_SCGI_CONTENT_LENGTH_POSITION',
    when: 'it is not first, and strict is on',
    bytes: head(VERSION, LENGTH),
    options: { strict: true },
  },
  {
    code: 'ERR_SCGI_BODY_TOO_LARGE',
    when: '11 bytes are announced where 10 are allowed',
    bytes: head(['CONTENT_LENGTH', '11'], VERSION),
    answer: TOO_LARGE,
    options: { maxBodyBytes: 10 },
  },
  {
    code: 'ERR_SCGI_PREMATURE_EOF',
    when: 'the end comes in the head',
    bytes: GOOD.slice(0, 20),
    halfClose: true,
  },
  {
    code: 'ERR_SCGI_PREMATURE_EOF',
    when: 'the end comes in the body',
    bytes: `${head(['CONTENT_LENGTH', '9'], VERSION)}half`,
    halfClose: true,
  },
];

interface BadResponse {
  readonly code: ScgiErrorCode;
  readonly when: string;
  readonly handler: ScgiHandler;
}

const BAD_RESPONSES: BadResponse[] = [
  badHeaders('ERR_SCGI_HEADER_HOP_BY_HOP', 'a field belongs to the gateway', {
    'Transfer-Encoding': 'chunked',
  }),
  badHeaders('ERR_SCGI_HEADER_INVALID', 'a value has a line break', { 'X-Name': 'a\r\nSet-Cookie: admin=1' }),
  badHeaders('ERR_SCGI_HEADER_INVALID', 'a value becomes a line break in ISO-8859-1', {
    'X-Name': 'a\u010d\u010aX-Evil: 1',
  }),
  badHeaders('ERR_SCGI_HEADER_INVALID', 'a name is not a token', { 'X Name': 'a' }),
  badHeaders('ERR_SCGI_HEADER_INVALID', 'the status is among the fields', { Status: '200' }),
  badHeaders('ERR_SCGI_REDIRECT_HEADERS', 'a local redirect has another field', {
    Location: '/new',
    'X-More': 'yes',
  }),
  badResponse('ERR_SCGI_STATUS_INVALID', 'the status is 99', { status: 99 }),
  badResponse('ERR_SCGI_BODY_LENGTH', 'the body is shorter text', {
    headers: { 'Content-Length': '5' },
    body: 'four',
  }),
  {
    code: 'ERR_SCGI_BODY_USED',
    when: 'the body is read twice',
    handler: (request) => forkJoin([request.bytes(), request.text()]).pipe(map(() => ({ status: 204 }))),
  },
  { code: 'ERR_SCGI_NO_RESPONSE', when: 'the handler completes without one', handler: () => EMPTY },
];

/** Errors that occur when the gateway already has a part of the response. */
const LATE_FAULTS: BadResponse[] = [
  badResponse('ERR_SCGI_BODY_LENGTH', 'the streamed body is shorter', {
    headers: { 'Content-Length': '5' },
    body: of('four'),
  }),
  badResponse('ERR_SCGI_BODY_LENGTH', 'the streamed body is longer', {
    headers: { 'Content-Length': '5' },
    body: of('four', 'more'),
  }),
];

describe.each<Transport>(['TCP', 'Unix'])('bad input over %s', (transport) => {
  let app: ScgiApp;
  afterEach(() => app.stop());

  it.each(BAD_REQUESTS)('should answer $code when $when', async (fault) => {
    const { code, bytes, answer = BAD_REQUEST, options, halfClose = false } = fault;
    const onError = jest.fn<undefined, [unknown]>();
    app = await ScgiApp.start(transport, { ...options, onError });
    app.handler = (request) => request.text().pipe(map((body) => ({ body })));
    const failure = app.next('failure');
    const reply = await rawExchange(app.address, bytes, { halfClose });
    expect(reply).toEqual({ text: plainAnswer(answer), ending: 'end' });
    const { error } = await failure;
    expect(error).toMatchObject({ code });
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError.mock.calls[0]?.[0]).toBe(error);
  });

  it.each(BAD_RESPONSES)('should answer 500 for $code when $when', async ({ code, handler }) => {
    app = await ScgiApp.start(transport);
    app.handler = handler;
    const failure = app.next('failure');
    const reply = await rawExchange(app.address, GOOD);
    expect(reply).toEqual({ text: plainAnswer(SERVER_ERROR), ending: 'end' });
    expect((await failure).error).toMatchObject({ code });
  });

  it.each(LATE_FAULTS)('should cut the connection for $code when $when', async ({ code, handler }) => {
    app = await ScgiApp.start(transport);
    app.handler = handler;
    const failure = app.next('failure');
    const reply = await rawExchange(app.address, GOOD);
    expect((await failure).error).toMatchObject({ code });
    expect(reply.text).not.toMatch(/more|second/);
    expect(reply.ending).toBe('cut');
  });

  it('should answer a gateway that sends FIN after its request and waits', async () => {
    app = await ScgiApp.start(transport);
    app.handler = () => timer(50).pipe(map(() => ({ body: 'late' })));
    const reply = await rawExchange(app.address, GOOD, { halfClose: true });
    expect(reply).toEqual({ text: 'Status: 200 OK\r\nContent-Length: 4\r\n\r\nlate', ending: 'end' });
  });

  it('should answer a good request and drop the bytes after it', async () => {
    app = await ScgiApp.start(transport);
    app.respond({ headers: { 'Content-Type': 'text/plain' }, body: 'fine' });
    const reply = await rawExchange(app.address, `${GOOD}${GOOD}`);
    expect(reply.ending).toBe('end');
    expect(reply.text).toBe('Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nfine');
  });
});

describe('an HTTP client on the SCGI port', () => {
  it('should be told in HTTP that the port speaks SCGI', async () => {
    const app = await ScgiApp.start('TCP');
    const failure = app.next('failure');
    const reply = await call(`http://${app.address}/`);
    expect(reply).toMatchObject({ status: 400, complete: true });
    expect(reply.text).toMatch(/SCGI/);
    expect((await failure).error).toMatchObject({
      code: 'ERR_SCGI_NETSTRING_LENGTH',
      foreignProtocol: 'http',
    });
    await app.stop();
  });
});

function badHeaders(code: ScgiErrorCode, when: string, headers: Record<string, string>): BadResponse {
  return badResponse(code, when, { headers });
}

function badResponse(code: ScgiErrorCode, when: string, response: ScgiResponse): BadResponse {
  return { code, when, handler: () => of(response) };
}

/** The complete answer to an error: its reason phrase, without the error's message. */
function plainAnswer(statusLine: string): string {
  const reason = statusLine.slice('Status: NNN '.length).trim();
  const fields = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${reason.length + 1}\r\n`;
  return `${statusLine}${fields}\r\n${reason}\n`;
}

function head(...pairs: Pair[]): string {
  return netstring(pairs.map(([name, value]) => `${name}\0${value}\0`).join(''));
}

function netstring(data: string): string {
  return `${data.length}:${data},`;
}
