import {
  NEVER,
  Subject,
  catchError,
  finalize,
  map,
  mergeMap,
  of,
  take,
  throwError,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import type { DecodeOptions } from '../../../lib/operators/engine-options.js';
import { createFlow } from '../../../lib/operators/flow/flow.js';
import { pullMap, type PullMapOptions } from '../../../lib/operators/pull-map.js';
import { CountedChunks } from '../../helpers/virtual-time/counted-chunks.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { received } from '../../helpers/virtual-time/received.js';
import { requestHead, wholeRequest } from '../../helpers/wire/requests.js';
import { show, wire } from '../../helpers/wire/wire.js';

const CHUNKS = { h: requestHead(8), a: wire('ab'), b: wire('cd'), c: wire('ef'), d: wire('gh') };
const RESULTS = { a: 'ab0', b: 'cd1', c: 'ef2', d: 'gh3' };
const REQUEST = { r: 'GET / 8' };
const PAUSED = { f: false, t: true };

/** A project that names the chunk and its index when `inner` emits. */
function nameAfter(inner: Observable<unknown>) {
  return (chunk: Uint8Array, index: number) => inner.pipe(map(() => `${show(chunk)}${index}`));
}

/** The request's body, mapped as soon as there is a request. */
function mapBody<R>(
  source: Observable<Uint8Array>,
  project: (chunk: Uint8Array, index: number) => ObservableInput<R>,
  { concurrent = 1, ...options }: DecodeOptions & { concurrent?: number } = {},
): Observable<R> {
  return source.pipe(
    decodeScgi({ bodyHighWaterMark: 2, ...options }),
    mergeMap(({ body }) => body.pipe(pullMap(project, { concurrent }))),
  );
}

describe('pullMap over request.body', () => {
  it('should map one chunk at a time, and pause the input while one is mapped and one is held', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const flow = createFlow();
      const source = cold('  --h--a-b--------c-----d--| ', CHUNKS);
      const slow = cold('    ---x|                      ', { x: '' });
      const expected = '     --------a---b------c-----d|';
      const expectedPause = 'f------t-f                 ';
      const slowSubscriptions = [
        '                    -----^---!                 ',
        '                    ---------^---!             ',
        '                    ----------------^---!      ',
        '                    ----------------------^---!',
      ];
      expectObservable(mapBody(source, nameAfter(slow), { flow })).toBe(expected, RESULTS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      expectSubscriptions(slow.subscriptions).toBe(slowSubscriptions);
      expectSubscriptions(source.subscriptions).toBe('^---------------------!');
    });
  });

  it('should map as many at a time as it is told', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const flow = createFlow();
      const source = cold('  --h--a-b-c-------------d|       ', CHUNKS);
      const slow = cold('    -------x|                       ', { x: '' });
      const expected = '     ------------a-b-----c---------d|';
      const expectedPause = 'f--------t---f                  ';
      const slowSubscriptions = [
        '                    -----^-------!                  ',
        '                    -------^-------!                ',
        '                    -------------^-------!          ',
        '                    -----------------------^-------!',
      ];
      expectObservable(mapBody(source, nameAfter(slow), { flow, concurrent: 2 })).toBe(expected, RESULTS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      expectSubscriptions(slow.subscriptions).toBe(slowSubscriptions);
    });
  });

  it('should take what was held before it was subscribed', () => {
    marbles(({ cold, expectObservable }) => {
      const flow = createFlow();
      const source = cold('  --h--a-b--c--d|         ', CHUNKS);
      const slow = cold('    -x|                     ', { x: '' });
      const subscription = ' ---------------^        ';
      // The third and the fourth chunk waited as one.
      const expected = '     ----------------a-b-m|  ';
      const expectedPause = 'f----t-------f          ';
      const { result, bodyThrough } = received(source.pipe(decodeScgi({ flow, bodyHighWaterMark: 2 })));
      expectObservable(result).toBe('--r----------|', REQUEST);
      expectObservable(bodyThrough(pullMap(nameAfter(slow))), subscription).toBe(expected, {
        ...RESULTS,
        m: 'efgh2',
      });
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
    });
  });

  it('should complete with the body when nothing is being mapped', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--b--c--d|   ', CHUNKS);
      const expected = '   -----a--b--c--(d|)';
      expectObservable(mapBody(source, (chunk, index) => [`${show(chunk)}${index}`])).toBe(expected, RESULTS);
    });
  });

  it('should complete with the last inner source otherwise', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a--b--c--d|   ', CHUNKS);
      const slow = cold('  x-------|          ', { x: '' });
      const expected = '   -----a-------b-------c-------d-------|';
      expectObservable(mapBody(source, nameAfter(slow))).toBe(expected, RESULTS);
    });
  });

  it('should complete with the last of several inner sources, not with the first', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a-b-c---d|     ', CHUNKS);
      const slow = cold('  -----x|             ', { x: '' });
      const expected = '   ----------a-b-c---d|';
      expectObservable(mapBody(source, nameAfter(slow), { concurrent: 4 })).toBe(expected, RESULTS);
    });
  });

  it('should complete with a request that has no body', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h', { h: wholeRequest('') });
      expectObservable(mapBody(source, () => NEVER)).toBe('--|');
    });
  });

  it('should never emit when no chunk comes', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(mapBody(cold('--h', CHUNKS), () => of(''))).toBe('-');
    });
  });

  it('should forward an error of the source, and unsubscribe from what is being mapped', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  --h--a--#', CHUNKS, 'reset');
      const slow = cold('    -x-------', { x: '' });
      const expected = '     ------a-#';
      const subscription = ' -----^--!';
      expectObservable(mapBody(source, nameAfter(slow))).toBe(expected, RESULTS, 'reset');
      expectSubscriptions(slow.subscriptions).toBe(subscription);
    });
  });

  it('should forward an error of an inner source, unsubscribe from the others, and drop the body', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const flow = createFlow();
      const source = cold('      --h--a-b-c-------', CHUNKS);
      const slow = cold('        -----x----       ', { x: '' });
      const failing = cold('     ------#          ', {}, 'boom');
      const expected = '         ----------a--#   ';
      const expectedPause = '    f--------t---f   ';
      const project = (_: unknown, index: number) => (index === 0 ? slow : failing).pipe(map(() => 'ab0'));
      expectObservable(mapBody(source, project, { flow, concurrent: 2 })).toBe(expected, RESULTS, 'boom');
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      expectSubscriptions(slow.subscriptions).toBe('-----^-------!');
      expectSubscriptions(source.subscriptions).toBe('^------------!');
    });
  });

  it('should error when a finalizer of an inner source throws', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const fails = () => {
        throw new Error('finalizer');
      };
      const source = cold('  --h--a-b-c-d|', CHUNKS);
      const slow = cold('         ---x|    ', { x: '' });
      const expected = '     --------a#   ';
      const named = mapBody(source, (chunk, index) =>
        nameAfter(slow)(chunk, index).pipe(finalize(() => index === 0 && fails())),
      ).pipe(catchError((error: unknown) => throwError(() => (error as Error).name)));
      expectObservable(named).toBe(expected, RESULTS, 'UnsubscriptionError');
      expectSubscriptions(source.subscriptions).toBe('^--------!');
    });
  });

  it('should error when a finalizer of the last inner source throws', () => {
    const log: unknown[] = [];
    const inner = new Subject<never>();
    const fails = () => {
      throw new Error('finalizer');
    };
    mapBody(of(wholeRequest('abcd')), () => inner.pipe(finalize(fails))).subscribe({
      error: (error: unknown) => log.push((error as Error).name),
      complete: () => log.push('|'),
    });
    inner.complete();
    expect(log).toEqual(['UnsubscriptionError']);
  });

  it('should error when project throws', () => {
    marbles(({ cold, expectObservable }) => {
      const project = (): never[] => {
        throw new Error('boom');
      };
      expectObservable(mapBody(cold('--h--a', CHUNKS), project)).toBe('-----#', {}, new Error('boom'));
    });
  });

  it('should unsubscribe from inner sources and body when it is unsubscribed, and end the pause', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const flow = createFlow();
      const source = cold('  --h--a-b------', CHUNKS);
      const slow = cold('    ---x----------', { x: '' });
      const unsubscribed = ' ----------!   ';
      const expected = '     --------a-    ';
      const expectedPause = 'f------t--f   ';
      expectObservable(mapBody(source, nameAfter(slow), { flow }), unsubscribed).toBe(expected, RESULTS);
      expectObservable(flow.inputPaused).toBe(expectedPause, PAUSED);
      expectSubscriptions(slow.subscriptions).toBe('-----^----!');
      expectSubscriptions(source.subscriptions).toBe('^---------!');
    });
  });

  it('should stop pulling from a synchronous endless inner source once its subscriber has unsubscribed', () => {
    const source = of(requestHead(100), wire('a'), wire('b'));
    const endless = new CountedChunks('x');
    let log = '';
    mapBody(source, () => endless.chunks)
      .pipe(take(3))
      .subscribe((value) => (log += value));
    expect({ log, count: endless.count }).toEqual({ log: 'xxx', count: 3 });
  });

  it('should stop mapping chunks once its subscriber has unsubscribed', () => {
    const source = of(wholeRequest('abc'));
    const bodies: Observable<string>[] = [];
    let count = 0;
    source
      .pipe(decodeScgi())
      .subscribe(({ body }) => bodies.push(body.pipe(pullMap(() => of(`${++count}`)))));
    bodies[0]!.pipe(take(1)).subscribe();
    expect(count).toBe(1);
  });

  it('should not recurse when chunks and inner sources are synchronous', () => {
    const chunks = 20_000;
    const source = of(requestHead(chunks), ...Array.from({ length: chunks }, () => wire('x')));
    let count = 0;
    mapBody(source, () => of('')).subscribe(() => count++);
    expect(count).toBe(chunks);
  });

  it('should error with ERR_SCGI_BODY_USED when the body is taken already', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('--h--a', CHUNKS);
      const { result, body, bodyThrough } = received(source.pipe(decodeScgi()));
      expectObservable(result).toBe('--r', REQUEST);
      expectObservable(body, '---^').toBe('-----a', CHUNKS);
      expectObservable(bodyThrough(pullMap(() => of(''))), '----^').toBe(
        '----#',
        {},
        { code: 'ERR_SCGI_BODY_USED' },
      );
    });
  });
});

describe('pullMap, called', () => {
  it.each<[string, unknown]>([
    ['a number', 5],
    ['an unknown option', { concurency: 2 }],
    ['a flow made by hand', { flow: { inputPaused: NEVER, outputPaused: NEVER } }],
  ])('should throw a TypeError for %s', (_, options) => {
    expect(() => pullMap(() => of(''), options as PullMapOptions)).toThrow(TypeError);
  });

  it.each([0, -1, 1.5, NaN])('should throw a RangeError for %d at a time', (concurrent) => {
    expect(() => pullMap(() => of(''), { concurrent })).toThrow(RangeError);
  });

  it('should take all at a time for Infinity', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--h--a-b------c-d    ', CHUNKS);
      const slow = cold('  ---x|                ', { x: '' });
      const expected = '   --------a-b------c-d|';
      expectObservable(mapBody(source, nameAfter(slow), { concurrent: Infinity })).toBe(expected, RESULTS);
      expectSubscriptions(source.subscriptions).toBe('^---------------!');
    });
  });
});
