import { Readable } from 'node:stream';
import { EMPTY, NEVER, concat, finalize, identity, of, take, type MonoTypeOperatorFunction } from 'rxjs';
import { encodeScgi } from '../../../lib/operators/encode-scgi.js';
import type { ScgiResponse } from '../../../lib/operators/types.js';
import { CountedChunks } from '../../helpers/virtual-time/counted-chunks.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { show, wire } from '../../helpers/wire/wire.js';

const WHOLE = 'Status: 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const HEAD = 'Status: 200 OK\r\n\r\n';
const CHUNKS = { a: 'ab', b: wire('cd') };
const BYTES = { h: HEAD, a: 'ab', b: 'cd', x: `${HEAD}ab`, w: WHOLE };

describe('encodeScgi', () => {
  it('should emit a body at hand with its head and its length, in one chunk, and complete', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --r-----', { r: { body: 'hi' } });
      const expected = '    --(w|)  ';
      const subscription = '^-!     ';
      expectObservable(source.pipe(encodeScgi())).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should emit the head when the body keeps it waiting, and complete with the body', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('     --a--b--| ', CHUNKS);
      const source = cold(' --(r|)      ', { r: { body } });
      const expected = '    --h-a--b--| ';
      const subscription = '^-!         ';
      const bodySubscription = '--^-------!';
      expectObservable(source.pipe(encodeScgi())).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
      expectSubscriptions(body.subscriptions).toBe(bodySubscription);
    });
  });

  it('should emit the head with the first chunk when that is at hand', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold<ScgiResponse>('--(r|)', { r: { body: concat(of('ab'), NEVER) } });
      expectObservable(source.pipe(encodeScgi())).toBe('--x', BYTES);
    });
  });

  it('should complete when the body is out, though the source goes on', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('     --a--b--| ', CHUNKS);
      const source = cold(' --r-----------', { r: { body } });
      const expected = '    --h-a--b--| ';
      const subscription = '^---------! ';
      expectObservable(source.pipe(encodeScgi())).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should complete before it unsubscribes from the source', () => {
    const log: string[] = [];
    concat(of({ body: 'hi' }), NEVER)
      .pipe(
        finalize(() => log.push('finalized')),
        encodeScgi(),
      )
      .subscribe({ next: () => log.push('next'), complete: () => log.push('complete') });
    expect(log).toEqual(['next', 'complete', 'finalized']);
  });

  it('should finalize a source that has completed while the body goes on', () => {
    const log: string[] = [];
    of({ body: NEVER })
      .pipe(
        finalize(() => log.push('finalized')),
        encodeScgi(),
      )
      .subscribe(() => log.push('next'));
    expect(log).toEqual(['next', 'finalized']);
  });

  it('should error with ERR_SCGI_NO_RESPONSE when the source is empty', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<ScgiResponse>('--|');
      expectObservable(source.pipe(encodeScgi())).toBe('--#', {}, { code: 'ERR_SCGI_NO_RESPONSE' });
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  it('should never emit when the source never does', () => {
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(encodeScgi())).toBe('-');
    });
  });

  it('should not complete when the body does not', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold<ScgiResponse>('--(r|)', { r: { body: NEVER } });
      expectObservable(source.pipe(encodeScgi())).toBe('--h', BYTES);
    });
  });

  describe('an error', () => {
    it('should be forwarded when it comes before the response', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold<ScgiResponse>('--#', {}, 'boom');
        expectObservable(source.pipe(encodeScgi())).toBe('--#', {}, 'boom');
        expectSubscriptions(source.subscriptions).toBe('^-!');
      });
    });

    it('should be forwarded from the body, and unsubscribe from the source', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('    --a--#', CHUNKS, 'boom');
        const source = cold('--r------', { r: { body } });
        const expected = '   --h-a--#';
        expectObservable(source.pipe(encodeScgi())).toBe(expected, BYTES, 'boom');
        expectSubscriptions(source.subscriptions).toBe('^------!');
      });
    });

    it('should end what was emitted with the head when the body errors at once', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('#', {}, 'boom');
        const source = cold('     --r', { r: { body } });
        expectObservable(source.pipe(encodeScgi())).toBe('--(h#)', BYTES, 'boom');
      });
    });
  });

  describe('after the first response', () => {
    it.each([
      ['an error', '              --r---#      ', '^-----!    '],
      ['another response', '      --r-s-s------', '^---------!'],
      ['its end', '               --r-|        ', '^---!      '],
    ])('should ignore %s of the source', (_, responses, subscription) => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('         --a--b--|   ', CHUNKS);
        const source = cold(responses, { r: { body }, s: { body: 'hi' } }, 'boom');
        const expected = '        --h-a--b--|   ';
        const bodySubscription = '--^-------!   ';
        expectObservable(source.pipe(encodeScgi())).toBe(expected, BYTES);
        expectSubscriptions(source.subscriptions).toBe(subscription);
        expectSubscriptions(body.subscriptions).toBe(bodySubscription);
      });
    });

    it('should free the body of another one', () => {
      const log: string[] = [];
      const body = Object.assign(Readable.from([]), { destroy: () => log.push('destroyed') });
      of({ body: NEVER }, { body }).pipe(encodeScgi()).subscribe();
      expect(log).toEqual(['destroyed']);
    });
  });

  it('should unsubscribe from source and body when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('        --a--b--|', CHUNKS);
      const source = cold('    --r--------', { r: { body } });
      const unsubscribed = '   ------!    ';
      const expected = '       --h-a--    ';
      const subscription = '   ^-----!    ';
      const bodySubscription = '--^---!    ';
      expectObservable(source.pipe(encodeScgi()), unsubscribed).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
      expectSubscriptions(body.subscriptions).toBe(bodySubscription);
    });
  });

  it('should start with fresh state for each subscription', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const body = cold('                  --a--b--|', CHUNKS);
      const source = cold('              --(r|)       ', { r: { body } });
      const subscriptions = ['           ^-!          ', '----^-!'];
      const result = source.pipe(encodeScgi());
      expectObservable(result).toBe('    --h-a--b--|', BYTES);
      expectObservable(result, '----^').toBe('------h-a--b--|', BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscriptions);
    });
  });

  describe('over what is synchronous and endless', () => {
    it.each<[string, MonoTypeOperatorFunction<Uint8Array>]>([
      ['its subscriber has left', take(1)],
      ['the first is out', identity],
    ])('should stop pulling responses after %s', (_, ending) => {
      const source = new CountedChunks<ScgiResponse>({ body: 'hi' });
      source.chunks.pipe(encodeScgi(), ending).subscribe();
      expect(source.count).toBe(1);
    });

    it.each(['an Observable', 'an iterable'])(
      'should stop pulling from %s once its subscriber has left',
      (kind) => {
        const chunks = new CountedChunks('ab');
        const body = kind === 'an Observable' ? chunks.chunks : chunks.iterable;
        of({ body }).pipe(encodeScgi(), take(3)).subscribe();
        expect(chunks.count).toBe(3);
      },
    );
  });

  it.each<[string, ScgiResponse]>([
    ['ERR_SCGI_HEADER_HOP_BY_HOP', { headers: { Connection: 'close' } }],
    ['ERR_SCGI_HEADER_INVALID', { headers: { 'X-A': 'b\nc' } }],
    ['ERR_SCGI_HEADER_INVALID', { headers: { Status: '200' } }],
    ['ERR_SCGI_STATUS_INVALID', { status: 199 }],
    ['ERR_SCGI_STATUS_INVALID', { status: 600 }],
    ['ERR_SCGI_REDIRECT_HEADERS', { headers: { Location: '/a' }, body: 'hi' }],
    ['ERR_SCGI_REDIRECT_HEADERS', { headers: { Location: '/a' }, body: ['hi'] }],
    ['ERR_SCGI_BODY_LENGTH', { headers: { 'Content-Length': '1' }, body: 'hi' }],
    ['ERR_SCGI_BODY_LENGTH', { headers: { 'Content-Length': '3' }, body: 'hi' }],
    ['ERR_SCGI_BODY_TYPE', { body: 5 as unknown as string }],
    ['ERR_SCGI_BODY_TYPE', { body: [5] as unknown as string[] }],
    ['ERR_SCGI_NO_RESPONSE', { statusCode: 404 } as unknown as ScgiResponse],
    ['ERR_SCGI_NO_RESPONSE', { body: 'hi', header: {} } as unknown as ScgiResponse],
    ['ERR_SCGI_HEADER_INVALID', { headers: { 'Content-Type': ['a/b', 'a/b'] } }],
  ])('should error with %s, and without a byte, for %j', (code, response) => {
    expect(logOf(response)).toEqual([{ code }]);
  });

  it('should error with ERR_SCGI_BODY_TYPE for a chunk in the midst of a body', () => {
    expect(logOf({ body: ['ab', null as unknown as string] })).toEqual([
      `${HEAD}ab`,
      { code: 'ERR_SCGI_BODY_TYPE' },
    ]);
  });

  it.each([
    ['longer', ['ab', 'cd'], ['Status: 200 OK\r\nContent-Length: 3\r\n\r\nab']],
    ['shorter', ['ab'], ['Status: 200 OK\r\nContent-Length: 3\r\n\r\nab']],
  ])('should error with ERR_SCGI_BODY_LENGTH when a body is %s than its Content-Length', (_, body, sent) => {
    const response = { headers: { 'Content-Length': '3' }, body };
    expect(logOf(response)).toEqual([...sent, { code: 'ERR_SCGI_BODY_LENGTH' }]);
  });

  it.each<[string, ScgiResponse, string]>([
    ['nothing', {}, 'Status: 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['null', { body: null }, 'Status: 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['205', { status: 205, body: ['hi'] }, 'Status: 205 Reset Content\r\nContent-Length: 0\r\n\r\n'],
    ['a file', { headers: { 'X-Sendfile': '/a' } }, 'Status: 200 OK\r\nX-Sendfile: /a\r\n\r\n'],
    ['no bytes', { body: new Uint8Array(0) }, 'Status: 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['text in UTF-8', { body: 'é' }, 'Status: 200 OK\r\nContent-Length: 2\r\n\r\n\xc3\xa9'],
    ['an empty iterable', { body: [] }, HEAD],
    ['empty chunks', { body: ['', 'ab', ''] }, `${HEAD}ab`],
    ['an empty Observable', { body: EMPTY }, HEAD],
    ['204', { status: 204, body: 'hi' }, 'Status: 204 No Content\r\n\r\n'],
    ['304', { status: 304, body: ['hi'] }, 'Status: 304 Not Modified\r\n\r\n'],
    ['a local redirect', { headers: { Location: '/a' } }, 'Location: /a\r\n\r\n'],
  ])('should write %s', (_, response, expected) => {
    expect(logOf(response)).toEqual([expected, '|']);
  });

  it.each<[string, ScgiResponse, string]>([
    ['a body at hand', { body: 'hi' }, 'Content-Length: 2\r\n'],
    ['a large body at hand', { body: 'x'.repeat(20_000) }, 'Content-Length: 20000\r\n'],
    ['no body', {}, ''],
    ['a stream', { body: ['hi'] }, ''],
    [
      'a stream of known length',
      { headers: { 'Content-Length': '2' }, body: ['hi'] },
      'Content-Length: 2\r\n',
    ],
  ])('should answer HEAD with the head of %s, and nothing else', (_, response, length) => {
    expect(logOf(response, 'HEAD')).toEqual([`Status: 200 OK\r\n${length}\r\n`, '|']);
  });

  it('should emit up to 16 384 bytes together with the head, and more after it', () => {
    const sizes = (body: ScgiResponse['body']): number[] =>
      logOf({ body }).map((entry) => (entry as string).length);
    const head = 'Status: 200 OK\r\nContent-Length: 16384\r\n\r\n'.length;
    expect(sizes('x'.repeat(16_384))).toEqual([head + 16_384, 1]);
    expect(sizes('x'.repeat(16_385))).toEqual([head, 16_385, 1]);
    expect(sizes(['x'.repeat(16_384)])).toEqual([HEAD.length + 16_384, 1]);
    expect(sizes(['x'.repeat(16_385)])).toEqual([HEAD.length, 16_385, 1]);
    expect(sizes(of('x'.repeat(16_385)))).toEqual([HEAD.length, 16_385, 1]);
  });

  it('should not recurse over what is synchronous and long', () => {
    const body = Array.from({ length: 20_000 }, () => 'x');
    expect(logOf({ body }).join('')).toBe(`${HEAD}${body.join('')}|`);
  });
});

function logOf(response: ScgiResponse, requestMethod?: string): unknown[] {
  const log: unknown[] = [];
  of(response)
    .pipe(encodeScgi({ requestMethod }))
    .subscribe({
      next: (bytes) => log.push(show(bytes)),
      error: (error: unknown) => log.push(errorFacts(error)),
      complete: () => log.push('|'),
    });
  return log;
}
