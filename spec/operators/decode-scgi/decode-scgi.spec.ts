import { EMPTY, map, mergeMap, of, share, take, tap, type Observable } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import type { ScgiRequest } from '../../../lib/operators/types.js';
import { everyCut } from '../../../lib/testing/index.js';
import { CountedChunks } from '../../helpers/virtual-time/counted-chunks.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { joined, requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';

const HEAD = requestHead(6, { REQUEST_METHOD: 'POST', REQUEST_URI: '/r' });
const CHUNKS = { h: HEAD, a: wire('abc'), b: wire('def') };
const REQUEST = { r: 'POST /r 6' };

const titles = map(({ method, path, contentLength }: ScgiRequest) => `${method} ${path} ${contentLength}`);
const remember = (requests: ScgiRequest[]) => tap((request: ScgiRequest) => void requests.push(request));
const bodies = mergeMap(({ body }: ScgiRequest) => body);

describe('decodeScgi', () => {
  it('should emit the request with its head, and complete and unsubscribe with the end of its body', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a--b--|', CHUNKS);
      const expected = '     --r-----|   ';
      const expectedBody = ' -----a--(b|)';
      const subscription = ' ^-------!   ';
      const result = source.pipe(decodeScgi(), share());
      expectObservable(result.pipe(titles)).toBe(expected, REQUEST);
      expectObservable(result.pipe(bodies)).toBe(expectedBody, CHUNKS);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should complete with the head when there is no body', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --h-----|', { h: wholeRequest('') });
      const expected = '    --(r|)   ';
      const subscription = '^-!      ';
      expectObservable(source.pipe(decodeScgi(), titles)).toBe(expected, { r: 'GET / 0' });
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should complete the body of a request that has none', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold(' --h-----|', { h: wholeRequest('') });
      const expected = '    --|      ';
      expectObservable(source.pipe(decodeScgi(), bodies)).toBe(expected);
    });
  });

  it('should take head and body from one chunk, and drop what follows', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --x--x--|', { x: joined(HEAD, wire('abcdef'), wire('surplus')) });
      const expected = '     --(r|)   ';
      const expectedBody = ' --(b|)   ';
      const subscription = ' ^-!      ';
      const result = source.pipe(decodeScgi(), share());
      expectObservable(result.pipe(titles)).toBe(expected, REQUEST);
      expectObservable(result.pipe(bodies)).toBe(expectedBody, { b: 'abcdef' });
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should never emit when the source never does', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Uint8Array>('-');
      expectObservable(source.pipe(decodeScgi())).toBe('-');
      expectSubscriptions(source.subscriptions).toBe('^');
    });
  });

  it('should emit the request and no end when the body stops coming', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a-----', CHUNKS);
      const expected = '     --r--------';
      const expectedBody = ' -----a-----';
      const result = source.pipe(decodeScgi(), share());
      expectObservable(result.pipe(titles)).toBe(expected, REQUEST);
      expectObservable(result.pipe(bodies)).toBe(expectedBody, CHUNKS);
      expectSubscriptions(source.subscriptions).toBe('^');
    });
  });

  it('should error when the source is empty', () => {
    marbles(({ expectObservable }) => {
      const expected = '#';
      expectObservable(EMPTY.pipe(decodeScgi())).toBe(
        expected,
        {},
        { code: 'ERR_SCGI_PREMATURE_EOF', offset: 0 },
      );
    });
  });

  it('should forward an error of the source before the head', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Uint8Array>('--#', {}, 'reset');
      const expected = '               --#';
      const subscription = '           ^-!';
      expectObservable(source.pipe(decodeScgi())).toBe(expected, {}, 'reset');
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should error the body first and the result next when the source errors inside the body', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const source = cold('  --h--a--#', CHUNKS, 'reset');
      const expected = '     --r-----#';
      const expectedBody = ' -----a--#';
      const subscription = ' ^-------!';
      const order: string[] = [];
      const result = source.pipe(decodeScgi(), tap({ error: () => order.push('result') }), share());
      const body = result.pipe(
        mergeMap((request) => request.body.pipe(tap({ error: () => order.push('body') }))),
      );
      expectObservable(result.pipe(titles)).toBe(expected, REQUEST, 'reset');
      expectObservable(body).toBe(expectedBody, CHUNKS, 'reset');
      expectSubscriptions(source.subscriptions).toBe(subscription);
      flush();
      expect(order).toEqual(['body', 'result']);
    });
  });

  it('should error body and result when the source completes inside the body', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a--|', CHUNKS);
      const expected = '     --r-----#';
      const expectedBody = ' -----a--#';
      const subscription = ' ^-------!';
      const fault = { code: 'ERR_SCGI_PREMATURE_EOF', offset: HEAD.length + 3 };
      const result = source.pipe(decodeScgi(), share());
      expectObservable(result.pipe(titles)).toBe(expected, REQUEST, fault);
      expectObservable(result.pipe(bodies)).toBe(expectedBody, CHUNKS, fault);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  describe('unsubscription', () => {
    it('should unsubscribe from the source before the head', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  -----h--a--b--|', CHUNKS);
        const unsubscribed = ' ---!           ';
        const expected = '     ----           ';
        const subscription = ' ^--!           ';
        expectObservable(source.pipe(decodeScgi()), unsubscribed).toBe(expected);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('should unsubscribe from the source inside a body that nobody takes, and error the body for later subscribers', () => {
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const source = cold('  --h--a--b--|', CHUNKS);
        const unsubscribed = ' ------!     ';
        const late = hot('     -------x----');
        const expectedLate = ' -------#    ';
        const subscription = ' ^-----!     ';
        const requests: ScgiRequest[] = [];
        const result = source.pipe(decodeScgi(), remember(requests), titles);
        const lateBody = late.pipe(mergeMap(() => requests[0]!.body));
        expectObservable(result, unsubscribed).toBe('--r', REQUEST);
        expectObservable(lateBody).toBe(expectedLate, CHUNKS, { code: 'ERR_SCGI_BODY_USED' });
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it("should stay subscribed to the source for the taker of the body, as groupBy does, to the body's end", () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  --h--a--b--|', CHUNKS);
        const expectedBody = ' -----a--(b|)';
        const subscription = ' ^-------!   ';
        expectObservable(source.pipe(decodeScgi(), take(1), bodies)).toBe(expectedBody, CHUNKS);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('should unsubscribe from the source once the result and then the body are unsubscribed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  --h--a--b--|', CHUNKS);
        const unsubscribed = ' ------!     ';
        const expectedBody = ' -----a------';
        const subscription = ' ^-----!     ';
        expectObservable(source.pipe(decodeScgi(), take(1), bodies), unsubscribed).toBe(expectedBody, CHUNKS);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });

    it('should drop the rest, and complete in time, when only the body is unsubscribed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('  --h--a--b--|', CHUNKS);
        const expected = '     --r-----|   ';
        const subscription = ' ^-------!   ';
        const result = source.pipe(decodeScgi(), share());
        expectObservable(result.pipe(titles)).toBe(expected, REQUEST);
        expectObservable(result.pipe(bodies), '------!').toBe('-----a', CHUNKS);
        expectSubscriptions(source.subscriptions).toBe(subscription);
      });
    });
  });

  it.each([
    ['a whole request', wholeRequest('abcdef'), (result: Observable<ScgiRequest>) => result],
    ['the head', HEAD, (result: Observable<ScgiRequest>) => result.pipe(take(1))],
    ['a fault', wire('x'), (result: Observable<ScgiRequest>) => result],
  ])('should stop pulling from a synchronous endless source after %s', (_, first, ending) => {
    const source = new CountedChunks(first, wire('x'));
    ending(source.chunks.pipe(decodeScgi())).subscribe({ error: () => undefined });
    expect(source.count).toBe(1);
  });

  it('should start with fresh state for each subscription', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('    --h--a--b--|      ', CHUNKS);
      const subscriptions = [' ^---!             ', '------^-------!'];
      const expectedSecond = ' -----------a--(b|)';
      const result = source.pipe(decodeScgi(), bodies);
      expectObservable(result, '^---!').toBe('-');
      expectObservable(result, '------^').toBe(expectedSecond, CHUNKS);
      expectSubscriptions(source.subscriptions).toBe(subscriptions);
    });
  });

  it('should give the same result however the request is cut', () => {
    const input = joined(HEAD, wire('abcdef'));
    for (const chunks of everyCut(input)) {
      let log = '';
      of(...chunks)
        .pipe(
          decodeScgi(),
          tap(({ path, contentLength }) => (log += `${path} ${contentLength} `)),
          bodies,
        )
        .subscribe({ next: (data) => (log += show(data)), complete: () => (log += '|') });
      expect(log).toBe('/r 6 abcdef|');
    }
  });
});
