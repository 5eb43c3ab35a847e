import { NEVER, map, mergeMap, of, timeout, type Observable } from 'rxjs';
import { LIMIT_STATUS, PROTOCOL_STATUS, USAGE_STATUS } from '../../../lib/core/errors/codes.js';
import { ScgiLimitError, ScgiProtocolError, ScgiUsageError } from '../../../lib/core/errors/errors.js';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { errorAnswer } from '../../../lib/operators/response/error-answer.js';
import { show } from '../../helpers/wire/wire.js';

const SECRET = 'the secret of the message';
const ERRORS = [
  ...keysOf(PROTOCOL_STATUS).map((code) => new ScgiProtocolError(code, SECRET, 7)),
  ...keysOf(LIMIT_STATUS).map((code) => new ScgiLimitError(code, SECRET, 7, 8)),
  ...keysOf(USAGE_STATUS).map((code) => new ScgiUsageError(code, SECRET)),
];

describe('errorAnswer', () => {
  it.each([
    [400, 'Bad Request'],
    [408, 'Request Timeout'],
    [413, 'Content Too Large'],
    [431, 'Request Header Fields Too Large'],
    [500, 'Internal Server Error'],
  ])('should answer %d with its reason phrase', (status, reason) => {
    const error = ERRORS.find((candidate) => candidate.status === status);
    expect(bytesOf(error)).toBe(
      `Status: ${status} ${reason}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
        `Content-Length: ${reason.length + 1}\r\n\r\n${reason}\n`,
    );
  });

  it('should say when to try again with 503', () => {
    expect(bytesOf(new ScgiLimitError('ERR_SCGI_HANDLER_TIMEOUT', SECRET, 7, 8))).toBe(
      'Status: 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n' +
        'Content-Length: 20\r\n\r\nService Unavailable\n',
    );
  });

  it.each(ERRORS.map((error) => [error.code, error] as const))(
    'should reveal nothing about %s',
    (code, error) => {
      expect(bytesOf(error)).not.toMatch(/secret|ERR_|limit|byte/i);
      expect(errorAnswer(error).status).toBe(error.status);
      expect(code).toMatch(/^ERR_SCGI_/);
    },
  );

  it.each([
    ['an Error', new Error(SECRET)],
    ['a string', SECRET],
    ['undefined', undefined],
    ['null', null],
    ['a status below 400', Object.assign(new Error(SECRET), { status: 399 })],
    ['a status above 599', { status: 600 }],
    ['a status that is text', { status: '404' }],
    ['a status that is not whole', { status: 404.5 }],
    ['a status that throws', hostile('status')],
    ['a brand that throws', hostile(Symbol.for('rxscgi.error'))],
    ['a revoked Proxy', revokedProxy()],
  ])('should answer 500 to %s, and reveal nothing about it', (_, error) => {
    expect(bytesOf(error)).toBe(
      'Status: 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Length: 22\r\n\r\nInternal Server Error\n',
    );
  });

  it.each([
    ['RxJS', Object.assign(new Error(SECRET), { name: 'TimeoutError' })],
    ['the platform', new DOMException('too late', 'TimeoutError')],
  ])('should answer 504 to a TimeoutError of %s, and 408 before the request has come', (_, error) => {
    expect(errorAnswer(error).status).toBe(504);
    expect(errorAnswer(error, { requestReceived: true }).status).toBe(504);
    expect(errorAnswer(error, { requestReceived: false }).status).toBe(408);
    expect(errorAnswer(Object.assign(new Error(), { name: 'TimeoutError', status: 503 })).status).toBe(503);
  });

  it('should know in a pipeline with a flow whether the request has come', () => {
    marbles(({ cold, expectObservable }) => {
      const pipeline = (source: Observable<Uint8Array>, withFlow: boolean, first: number, each: number) => {
        const flow = withFlow ? createFlow() : undefined;
        return source.pipe(
          decodeScgi({ flow }),
          timeout({ first }),
          mergeMap(() => NEVER.pipe(timeout({ each }))),
          encodeScgi({ flow, answer: errorAnswer }),
          map((bytes) => show(bytes).slice(8, 11)),
        );
      };
      const late = cold<Uint8Array>('5s r', { r: requestBytes() });
      const soon = cold('r', { r: requestBytes() });
      expectObservable(pipeline(late, true, 2, 9)).toBe('--(s|)', { s: '408' });
      expectObservable(pipeline(soon, true, 2, 2)).toBe('--(s|)', { s: '504' });
      expectObservable(pipeline(late, false, 2, 9)).toBe('--(s|)', { s: '504' });
      const handled = soon.pipe(
        handleScgi(() => NEVER.pipe(timeout({ each: 2 }))),
        map((bytes) => show(bytes).slice(8, 11)),
      );
      expectObservable(handled).toBe('--(s|)', { s: '504' });
    });
  });

  it.each([400, 404, 418, 599])('should answer an error that has a status of %d with it', (status) => {
    const error = Object.assign(new Error(SECRET), { status });
    expect(errorAnswer(error).status).toBe(status);
    expect(bytesOf(error)).not.toContain(SECRET);
  });

  it('should answer HTTP in complete HTTP, with one line of text', () => {
    const [head, body, ...rest] = bytesOf(cameAs('http')).split('\r\n\r\n');
    expect(head).toBe(
      'HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n' +
        `Content-Length: ${body!.length}`,
    );
    expect(body).toMatch(/^[\x20-\x7e]+\n$/);
    expect(body).toContain('SCGI');
    expect(rest).toEqual([]);
  });

  it('should answer HTTP in HTTP from a copy of the response, too', () => {
    let text = '';
    of({ ...errorAnswer(cameAs('http')), body: 'wrong port\n' })
      .pipe(encodeScgi())
      .subscribe((bytes) => (text += show(bytes)));
    expect(text).toMatch(/^HTTP\/1\.0 400 Bad Request\r\n[^]*\r\n\r\nwrong port\n$/);
  });

  it.each([
    ['TLS', cameAs('tls')],
    ['another protocol', cameAs(undefined)],
    ['a limit', new ScgiLimitError('ERR_SCGI_HEADERS_TOO_LARGE', '', 1, 2)],
    ['an object that only resembles an error', { foreignProtocol: 'http' }],
  ])('should answer %s as SCGI', (_, error) => {
    expect(bytesOf(error)).toMatch(/^Status: /);
  });
});

function cameAs(foreignProtocol: 'http' | 'tls' | undefined): ScgiProtocolError {
  return new ScgiProtocolError('ERR_SCGI_NETSTRING_LENGTH', SECRET, 0, { foreignProtocol });
}

function hostile(key: PropertyKey): object {
  return new Proxy(new Error(SECRET), {
    get: (target, name) => {
      if (name === key) throw new Error('hands off');
      return Reflect.get(target, name) as unknown;
    },
    has: (_, name) => {
      if (name === key) throw new Error('hands off');
      return false;
    },
  });
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function bytesOf(error: unknown): string {
  let text = '';
  of(errorAnswer(error))
    .pipe(encodeScgi())
    .subscribe((bytes) => (text += show(bytes)));
  return text;
}

function keysOf<K extends string>(record: Record<K, unknown>): K[] {
  return Object.keys(record) as K[];
}
