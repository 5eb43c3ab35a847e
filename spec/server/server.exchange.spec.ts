/** What a server makes of exchanges, good and bad, in virtual time. */
import { NEVER, concat, map, of, throwError, timer } from 'rxjs';
import type { AnyScgiHandler } from '../../lib/index.js';
import { requestBytes } from '../../lib/testing/index.js';
import { play, type Play } from '../helpers/virtual-time/server/virtual-server.js';

const hello: AnyScgiHandler = ({ path }) => of({ body: `hello ${path}` });
const boom = new Error('secret');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('the events of a server', () => {
  it('should contain the figures of an exchange', () => {
    const request = { method: 'POST', uri: '/a', body: 'abc' };
    const [listening, received, response] = play({
      handler: ({ path }) => timer(100).pipe(map(() => ({ body: `hello ${path}` }))),
      gateways: [{ request, does: 'c 49ms q 500ms F' }],
      events: 'l 49ms q 99ms s',
    });
    expect(listening).toEqual({ type: 'listening', address: 'memory' });
    expect(received).toMatchObject({ type: 'request', request: { path: '/a', contentLength: 3 } });
    const figures = { bytesIn: requestBytes(request).length, bytesOut: 45, durationMs: 150 };
    expect(response).toEqual({
      type: 'response',
      request: (received as { request: unknown }).request,
      status: 200,
      aborted: false,
      ...figures,
    });
  });

  it('should not mention a gateway that leaves without a byte, and takes no answer', () => {
    play({
      handler: () => NEVER,
      gateways: [{ unix: true, does: '(cnF) 96ms R' }],
      events: '                        l',
    });
  });

  it('should not mention gateways that connect and leave without a byte', () => {
    play({
      handler: hello,
      gateways: [{ does: 'c 9ms F' }, { does: 'c 9ms R' }, { unix: true, does: 'c 9ms X' }],
      events: 'l',
    });
  });

  it('should contain the error of a handler, which the gateway never sees', () => {
    const [, , failure, response] = play({
      handler: () => throwError(() => boom),
      gateways: [{ does: '(cq) 6ms F' }],
      events: '(lqfs)',
      failures: [boom],
      texts: [/^Status: 500 [^]*\n\r?\nInternal Server Error\n$/],
    });
    expect(failure).toMatchObject({ request: { path: '/' } });
    expect(response).toMatchObject({ status: 500, request: { path: '/' } });
  });

  it('should contain the error of a response that fails after its head once, and nothing else', () => {
    play({
      handler: () =>
        of({
          body: concat(
            of('begun'),
            throwError(() => boom),
          ),
        }),
      gateways: [{ does: '(cq)', sees: 'r' }],
      events: '(lqf)',
      failures: [boom],
    });
  });

  it('should pass each error to onError, with its request', () => {
    const onError = jest.fn();
    play({
      options: { onError },
      handler: () => throwError(() => boom),
      gateways: [
        { request: { uri: '/bad' }, does: '(cq) 6ms F' },
        { request: bytes('x'), does: '9ms (cq) 6ms F' },
      ],
      events: '(lqfs) 3ms (fs)',
      failures: [boom, { code: 'ERR_SCGI_NETSTRING_LENGTH', offset: 0 }],
    });
    expect(onError.mock.calls).toEqual([
      [boom, expect.objectContaining({ path: '/bad' })],
      [expect.objectContaining({ code: 'ERR_SCGI_NETSTRING_LENGTH' }), undefined],
    ]);
  });
});

describe('the answers of a server to faults of a gateway', () => {
  it.each<{ code: string; status: number; request: Uint8Array; numbers?: object }>([
    { code: 'ERR_SCGI_NETSTRING_LENGTH', status: 400, request: bytes('x'), numbers: { offset: 0 } },
    {
      code: 'ERR_SCGI_VERSION_MISSING',
      status: 400,
      request: requestBytes({ variables: { SCGI: undefined } }),
    },
    {
      code: 'ERR_SCGI_HEADERS_TOO_LARGE',
      status: 431,
      request: bytes('2000:'),
      numbers: { limit: 1000, actual: 2000, offset: 3 },
    },
    {
      code: 'ERR_SCGI_BODY_TOO_LARGE',
      status: 413,
      request: requestBytes({ body: 'abcdef' }),
      numbers: { limit: 5, actual: 6 },
    },
  ])('should be $status for $code', ({ code, status, request, numbers }) => {
    const [, failure, response] = play({
      options: { maxHeaderBytes: 1000, maxBodyBytes: 5 },
      handler: hello,
      gateways: [{ request, does: '(cq) 6ms F' }],
      events: '(lfs)',
      failures: [expect.objectContaining({ code, ...numbers }) as unknown],
      texts: [new RegExp(`^Status: ${status} `)],
    });
    expect([failure, response]).toMatchObject([{ request: undefined }, { request: undefined, status }]);
  });

  it('should be in HTTP for HTTP', () => {
    play({
      handler: hello,
      gateways: [{ request: bytes('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), does: '(cq) 6ms F' }],
      events: '(lfs)',
      failures: [{ code: 'ERR_SCGI_NETSTRING_LENGTH', offset: 0 }],
      texts: [/^HTTP\/1\.0 400 Bad Request\r\n.*SCGI.*\n$/s],
    });
  });

  it('should not be needed for repeated headers, as Debian 12 sends them, unless lenientDuplicates is false', () => {
    const scenario: Play = {
      handler: ({ headers }) => of({ body: String(headers.get('a')) }),
      gateways: [
        {
          request: {
            variables: [
              ['HTTP_A', '1'],
              ['HTTP_A', '2'],
            ],
          },
          does: '(cq) 6ms F',
        },
      ],
      events: '(lqs)',
      texts: [/\n1, 2$/],
    };
    play(scenario);
    play({
      ...scenario,
      options: { lenientDuplicates: false },
      events: '(lfs)',
      failures: [expect.objectContaining({ code: 'ERR_SCGI_HEADER_DUPLICATE' })],
      texts: [/^Status: 400 /],
    });
  });
});

describe('the timeouts of a server', () => {
  const upload = { variables: { CONTENT_LENGTH: '9000', REQUEST_METHOD: 'POST' } };
  const options = { headersTimeoutMs: 1000, bodyTimeoutMs: 1000, handlerTimeoutMs: 1000 };
  const collect: AnyScgiHandler = (request) =>
    request.bytes().pipe(map(({ length }) => ({ body: String(length) })));

  it('should answer 408 to a head that does not come, or not to its end', () => {
    const failure = { code: 'ERR_SCGI_HEADERS_TIMEOUT', limit: 1000, actual: 1000 };
    play({
      options,
      handler: hello,
      gateways: [
        { does: 'c 1099ms F', sees: '1000ms f' },
        { does: 'c 899ms h 199ms F', sees: '1000ms f' },
      ],
      events: 'l 999ms (ffs)',
      failures: [failure, failure],
      texts: [/^Status: 408 /, /^Status: 408 /],
    });
  });

  it('should answer 408 to a body that stalls, and not to one that is slow', () => {
    play({
      options: { ...options, handlerTimeoutMs: Infinity },
      handler: collect,
      gateways: [
        { request: upload, does: `(cq) ${' 899ms b'.repeat(9)} 99ms F`, sees: '8103ms f' },
        { request: upload, does: '(cq) 896ms b 1200ms F', sees: '1900ms f' },
      ],
      events: '(lqq) 1895ms (fs) 6199ms s',
      failures: [{ code: 'ERR_SCGI_BODY_TIMEOUT', limit: 1000, actual: 1000 }],
      texts: [/\n9000$/, /^Status: 408 /],
    });
  });

  it('should answer 503 for a handler that does not answer', () => {
    play({
      options,
      handler: () => NEVER,
      gateways: [{ does: '(cq) 1100ms F', sees: '1000ms f' }],
      events: '(lq) 996ms (fs)',
      failures: [{ code: 'ERR_SCGI_HANDLER_TIMEOUT', limit: 1000, actual: 1000 }],
      texts: [/^Status: 503 /],
    });
  });
});
