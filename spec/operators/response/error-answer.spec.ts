import { of } from 'rxjs';
import { LIMIT_STATUS, PROTOCOL_STATUS, USAGE_STATUS } from '../../../lib/core/codes.js';
import { ScgiLimitError, ScgiProtocolError, ScgiUsageError } from '../../../lib/core/errors.js';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import {
  cameAsHttp,
  errorAnswer,
  httpAnswer,
  statusOf,
} from '../../../lib/operators/response/error-answer.js';
import { show } from '../../helpers/wire.js';

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

  it('should tell when to try again with 503', () => {
    expect(bytesOf(new ScgiLimitError('ERR_SCGI_HANDLER_TIMEOUT', SECRET, 7, 8))).toBe(
      'Status: 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n' +
        'Content-Length: 20\r\n\r\nService Unavailable\n',
    );
  });

  it.each(ERRORS.map((error) => [error.code, error] as const))('should tell nothing of %s', (code, error) => {
    expect(bytesOf(error)).not.toMatch(/secret|ERR_|limit|byte/i);
    expect(errorAnswer(error).status).toBe(error.status);
    expect(code).toMatch(/^ERR_SCGI_/);
  });

  it.each([
    ['an Error', new Error(SECRET)],
    ['a string', SECRET],
    ['undefined', undefined],
    ['null', null],
    ['an object with a status', { status: 404, code: 'ERR_SCGI_BODY_JSON', message: SECRET }],
  ])('should answer 500 for %s that is none of ours, and tell nothing of it', (_, error) => {
    expect(statusOf(error)).toBe(500);
    expect(bytesOf(error)).toBe(
      'Status: 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Length: 22\r\n\r\nInternal Server Error\n',
    );
  });
});

describe('httpAnswer', () => {
  it('should be complete HTTP, with one line of text', () => {
    const [head, body, ...rest] = show(httpAnswer()).split('\r\n\r\n');
    expect(head).toBe(
      'HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n' +
        `Content-Length: ${body!.length}`,
    );
    expect(body).toMatch(/^[\x20-\x7e]+\n$/);
    expect(body).toContain('SCGI');
    expect(rest).toEqual([]);
  });
});

describe('cameAsHttp', () => {
  it.each([
    ['HTTP', new ScgiProtocolError('ERR_SCGI_NETSTRING_LENGTH', '', 0, { foreignProtocol: 'http' }), true],
    ['TLS', new ScgiProtocolError('ERR_SCGI_NETSTRING_LENGTH', '', 0, { foreignProtocol: 'tls' }), false],
    ['nothing known', new ScgiProtocolError('ERR_SCGI_NETSTRING_LENGTH', '', 0), false],
    ['a limit', new ScgiLimitError('ERR_SCGI_HEADERS_TOO_LARGE', '', 1, 2), false],
    ['no error of ours', { foreignProtocol: 'http' }, false],
    ['no error', undefined, false],
  ])('should know %s', (_, error, expected) => {
    expect(cameAsHttp(error)).toBe(expected);
  });
});

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
