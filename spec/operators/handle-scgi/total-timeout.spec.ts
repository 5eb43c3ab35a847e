import { NEVER, ignoreElements, map, of, switchMap } from 'rxjs';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { handleScgi } from '../../../lib/operators/handle-scgi.js';
import type { ScgiHandler } from '../../../lib/operators/types.js';
import { errorAnswerOf } from '../../helpers/virtual-time/responses/answers.js';
import { errorFacts, marbles } from '../../helpers/virtual-time/marbles.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { wire } from '../../helpers/wire/wire.js';

const CHUNKS = { h: requestHead(6), x: wire('x'), g: wholeRequest('') };
const BYTES = {
  t: errorAnswerOf(408),
  e: 'Status: 200 OK\r\nContent-Length: 0\r\n\r\n',
  r: 'Status: 200 OK\r\n\r\n',
};
const collect: ScgiHandler = (request) => request.bytes().pipe(map(() => ({})));

describe('bodyTotalTimeoutMs', () => {
  it('should answer 408 to a body that dribbles, error the body, and unsubscribe from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const source = cold('  --h-x-x-x-x-x-x-|', CHUNKS);
      const expected = '     ----------(t|)   ';
      const subscription = ' ^---------!      ';
      const errors: unknown[] = [];
      const onError = (error: unknown): void => void errors.push(errorFacts(error));
      const options = { bodyTimeoutMs: 5, bodyTotalTimeoutMs: 8, scheduler, onError };
      expectObservable(source.pipe(handleScgi(collect, options))).toBe(expected, BYTES);
      expectSubscriptions(source.subscriptions).toBe(subscription);
      flush();
      expect(errors).toEqual([{ code: 'ERR_SCGI_BODY_TOTAL_TIMEOUT', limit: 8, actual: 8 }]);
    });
  });

  it.each([
    ['a body that ends in the frame before', ' h-x-x-x-x-x-x---', '------------(e|)', 13],
    ['a body of length 0', '                   g-----------------', '(e|)', 3],
  ])('should not count after %s', (_, chunks, expected, bodyTotalTimeoutMs) => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const handle = handleScgi(collect, { bodyTotalTimeoutMs, scheduler });
      expectObservable(cold(chunks, CHUNKS).pipe(handle)).toBe(expected, BYTES);
    });
  });

  it('should be off by default', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('h 20s x 20s x 20s x 20s x 20s x 20s x|', CHUNKS);
      const expected = '   - 120s 5ms (e|)';
      expectObservable(source.pipe(handleScgi(collect, { scheduler }))).toBe(expected, BYTES);
    });
  });

  it('should not count time in which we hold the input', () => {
    marbles(({ cold, hot, expectObservable }, scheduler) => {
      const flow = createFlow();
      const source = cold('   h-x-x-------------', CHUNKS);
      const take = hot('      ---------t        ');
      const expected = '      -------------(t|) ';
      // Held from frame 4, when 2 bytes wait, to frame 9: the 8 ms from the head end at frame 13.
      const handle: ScgiHandler = ({ body }) =>
        take.pipe(
          switchMap(() => body),
          ignoreElements(),
        );
      const options = { flow, bodyHighWaterMark: 2, bodyTotalTimeoutMs: 8, scheduler };
      expectObservable(source.pipe(handleScgi(handle, options))).toBe(expected, BYTES);
    });
  });

  it('should not end a response to a body that nobody takes', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold('h-x-x-------------', CHUNKS);
      const expected = '   r-----------------';
      const handle: ScgiHandler = () => of({ body: NEVER });
      expectObservable(source.pipe(handleScgi(handle, { bodyTotalTimeoutMs: 8, scheduler }))).toBe(
        expected,
        BYTES,
      );
    });
  });

  it('should start with fresh state for each subscription', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const result = cold('h-x---', CHUNKS).pipe(handleScgi(collect, { bodyTotalTimeoutMs: 8, scheduler }));
      expectObservable(result, '^----------').toBe('--------(t|)', BYTES);
      expectObservable(result, '---^-------').toBe('-----------(t|)', BYTES);
    });
  });

  it.each([0, -1, 1.5, NaN, 2_147_483_648])('should refuse %s at the call', (bodyTotalTimeoutMs) => {
    expect(() => handleScgi(collect, { bodyTotalTimeoutMs })).toThrow(RangeError);
  });
});
