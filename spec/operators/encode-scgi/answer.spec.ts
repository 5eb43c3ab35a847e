import { EMPTY, NEVER, Subject, finalize, map, merge, of } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import { errorAnswer } from '../../../lib/operators/response/error-answer.js';
import type { ScgiResponse } from '../../../lib/operators/types.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { show } from '../../helpers/wire/wire.js';

const HEAD = 'Status: 200 OK\r\n\r\n';
const CHUNKS = { a: 'ab', b: 'cd' };
const BYTES = { h: HEAD, a: 'ab', b: 'cd' };

describe('encodeScgi, with an answer,', () => {
  const answer = (error: unknown): ScgiResponse => ({ status: 500, body: String(error) });
  const ANSWERS = { ...BYTES, e: 'Status: 500 Internal Server Error\r\nContent-Length: 4\r\n\r\nboom' };

  it('should emit it when the source errors before the response, and unsubscribe from the source first', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<ScgiResponse>('--#', {}, 'boom');
      expectObservable(source.pipe(encodeScgi({ answer }))).toBe('--(e|)', ANSWERS);
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  it('should emit it, though a finalizer of the source throws', () => {
    const fails = () => {
      throw new Error('finalizer');
    };
    const log: string[] = [];
    const failing = new Subject<never>();
    merge(failing, NEVER.pipe(finalize(fails)))
      .pipe(encodeScgi({ answer }))
      .subscribe({ next: (bytes) => log.push(show(bytes)), complete: () => log.push('|') });
    expect(() => failing.error('boom')).toThrow('finalizer');
    expect(log).toEqual([ANSWERS.e, '|']);
  });

  it('should emit it when the body errors before the head', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = new ErrorAtOnce('boom');
      const source = cold('--r---', { r: { body } });
      expectObservable(source.pipe(encodeScgi({ answer }))).toBe('--(e|)', ANSWERS);
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  it('should error when the body errors after the head', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('  --a--#', CHUNKS, 'boom');
      const source = cold('--(r|)', { r: { body } });
      expectObservable(source.pipe(encodeScgi({ answer }))).toBe('--h-a--#', BYTES, 'boom');
    });
  });

  it('should ignore an error of the source after the response', () => {
    marbles(({ cold, expectObservable }) => {
      const body = cold('  --a--b--|', CHUNKS);
      const source = cold('--r-#', { r: { body } }, 'boom');
      expectObservable(source.pipe(encodeScgi({ answer }))).toBe('--h-a--b--|', BYTES);
    });
  });

  it('should emit a body of its own that is still to come', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('       --a--b--|', CHUNKS);
      const source = cold<ScgiResponse>('--#', {}, 'boom');
      const expected = '      --h-a--b--|';
      expectObservable(source.pipe(encodeScgi({ answer: () => ({ body }) }))).toBe(expected, BYTES);
      expectSubscriptions(body.subscriptions).toBe('--^-------!');
    });
  });

  it.each<[string, ScgiResponse, string]>([
    ['a head that is refused', { headers: { 'X-A': 'b\nc' } }, 'ERR_SCGI_HEADER_INVALID'],
    ['a body that is refused', { body: new ArrayBuffer(1) as unknown as string }, 'ERR_SCGI_BODY_TYPE'],
  ])('should get the error of %s', (_, response, code) => {
    const errors: unknown[] = [];
    const log = logOf(response, (error) => {
      errors.push(errorFacts(error));
      return { status: 500, body: 'boom' };
    });
    expect({ errors, log }).toEqual({ errors: [{ code }], log: [ANSWERS.e, '|'] });
  });

  it('should get ERR_SCGI_NO_RESPONSE when the source completes without a response', () => {
    const codes: unknown[] = [];
    const withCode = (error: unknown): ScgiResponse => {
      codes.push(errorFacts(error));
      return answer('boom');
    };
    marbles(({ expectObservable }) => {
      expectObservable(EMPTY.pipe(encodeScgi({ answer: withCode }))).toBe('(e|)', ANSWERS);
    });
    expect(codes).toEqual([{ code: 'ERR_SCGI_NO_RESPONSE' }]);
  });

  it('should forward what it throws itself', () => {
    marbles(({ cold, expectObservable }) => {
      const fails = (): ScgiResponse => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw 'worse';
      };
      const source = cold<ScgiResponse>('--#', {}, 'boom');
      expectObservable(source.pipe(encodeScgi({ answer: fails }))).toBe('--#', {}, 'worse');
    });
  });

  it('should not be asked again about a response of its own that is refused', () => {
    let calls = 0;
    const log: unknown[] = [];
    EMPTY.pipe(
      encodeScgi({
        answer: () => {
          calls++;
          return { status: 1 };
        },
      }),
    ).subscribe({ error: (error: unknown) => log.push(errorFacts(error)) });
    expect({ calls, log }).toEqual({ calls: 1, log: [{ code: 'ERR_SCGI_STATUS_INVALID' }] });
  });

  it('should answer HTTP on the port in HTTP', () => {
    let text = '';
    of(Buffer.from('GET / HTTP/1.1\r\n'))
      .pipe(
        decodeScgi(),
        map(() => ({})),
        encodeScgi({ answer: errorAnswer }),
      )
      .subscribe((bytes) => (text += show(bytes)));
    expect(text).toMatch(/^HTTP\/1\.0 400 Bad Request\r\n/);
  });
});

/** A body that errors before it is asked for a chunk. */
class ErrorAtOnce implements Iterable<string> {
  constructor(private readonly error: unknown) {}

  [Symbol.iterator](): Iterator<string> {
    throw this.error;
  }
}

function logOf(response: ScgiResponse, answer: (error: unknown) => ScgiResponse): unknown[] {
  const log: unknown[] = [];
  of(response)
    .pipe(encodeScgi({ answer }))
    .subscribe({
      next: (bytes) => log.push(show(bytes)),
      error: (error: unknown) => log.push(errorFacts(error)),
      complete: () => log.push('|'),
    });
  return log;
}
