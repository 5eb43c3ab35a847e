import { of, throwError } from 'rxjs';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import { HttpError } from '../../../lib/operators/makers/http-error.js';
import { requestBytes, responseOf, textOf, type TestResponse } from '../../../lib/testing/index.js';

/** What a gateway gets when a handler fails with the error. */
function responseTo(error: unknown): TestResponse {
  const chunks: Uint8Array[] = [];
  of(requestBytes())
    .pipe(handleScgi(() => throwError(() => error)))
    .subscribe((chunk) => chunks.push(chunk));
  return responseOf(Buffer.concat(chunks));
}

function answerTo(error: unknown): string {
  const { status, body } = responseTo(error);
  return `${status} ${textOf(body)}`;
}

describe('HttpError', () => {
  it('should be answered with its status and the reason phrase', () => {
    expect(answerTo(new HttpError(404))).toBe('404 Not Found\n');
    expect(answerTo(new HttpError(422, 'secret'))).toBe('422 Unprocessable Content\n');
  });

  it('should be answered with its message when expose is set', () => {
    expect(answerTo(new HttpError(422, 'the date is in the past', { expose: true }))).toBe(
      '422 the date is in the past\n',
    );
    expect(answerTo(new HttpError(500, 'down until ten', { expose: true }))).toBe('500 down until ten\n');
  });

  it('should have status, message, expose and cause', () => {
    const cause = new Error('inner');
    expect(new HttpError(404, 'no row', { cause })).toMatchObject({
      name: 'HttpError',
      status: 404,
      message: 'no row',
      expose: false,
      cause,
    });
    expect('cause' in new HttpError(404)).toBe(false);
    expect(new HttpError(404).message).toBe('Not Found');
  });

  it.each([399, 600, 404.5, NaN, '404' as unknown as number])('should refuse a status of %p', (status) => {
    expect(() => new HttpError(status)).toThrow(RangeError);
  });

  it('should be answered with its headers', () => {
    const headers = { Allow: 'GET', 'Set-Cookie': ['a=1', 'b=2'], 'X-A': [] };
    const answer = responseTo(new HttpError(405, undefined, { headers }));
    expect([...answer.headers]).toEqual([
      ['allow', 'GET'],
      ['content-length', '19'],
      ['content-type', 'text/plain; charset=utf-8'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
  });

  it('should be answered with its headers in place of the defaults', () => {
    const headers = { 'retry-after': '60', 'content-type': 'application/json' };
    const error = new HttpError(503, '{"error":"busy"}', { expose: true, headers });
    expect(new HttpError(404).headers).toBeUndefined();
    expect(error.headers).toEqual(Object.entries(headers));
    const answer = responseTo(error);
    expect(answer.headers.get('retry-after')).toBe('60');
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  it.each([
    ['ERR_SCGI_HEADER_INVALID', { Allow: 'GET\r\nX: y' }],
    ['ERR_SCGI_HEADER_INVALID', { Age: 5 as unknown as string }],
    ['ERR_SCGI_HEADER_HOP_BY_HOP', { Connection: 'close' }],
  ])('should throw %s when it is made with %j', (code, headers) => {
    expect(() => new HttpError(405, undefined, { headers })).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });

  it('should throw a TypeError for options in the place of the message', () => {
    expect(() => new HttpError(404, { expose: true } as unknown as string)).toThrow(TypeError);
  });
});

describe('the headers of another error', () => {
  it('should not go out: they are those of a server that was called', () => {
    const error = { name: 'HttpError', status: 429, headers: { 'Set-Cookie': 'a=1', 'Retry-After': '9' } };
    expect([...responseTo(error).headers.keys()]).toEqual(['content-length', 'content-type']);
  });
});

describe('the message of another error', () => {
  it.each([
    [
      'with a status and expose, as http-errors has it',
      { status: 409, expose: true, message: 'taken' },
      '409 taken\n',
    ],
    ['without expose', { status: 409, message: 'secret' }, '409 Conflict\n'],
    ['whose expose is not true', { status: 409, expose: 'yes', message: 'secret' }, '409 Conflict\n'],
    ['without a status', { expose: true, message: 'secret' }, '500 Internal Server Error\n'],
    ['that is not text', { status: 409, expose: true, message: 7 }, '409 Conflict\n'],
    ['that is empty', { status: 409, expose: true, message: '' }, '409 Conflict\n'],
  ])('should go out only with both: %s', (_what, error, answer) => {
    expect(answerTo(error)).toBe(answer);
  });

  it('should not go out when looking at it throws', () => {
    const error = Object.defineProperty({ status: 409, expose: true }, 'message', {
      get: () => {
        throw new Error('do not look');
      },
    });
    expect(answerTo(error)).toBe('409 Conflict\n');
  });
});
