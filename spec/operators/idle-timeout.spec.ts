import { EMPTY, NEVER, Subject, concat, ignoreElements, mergeMap, of, take, tap, throwError } from 'rxjs';
import { decodeScgi } from '../../lib/operators/decode-scgi.js';
import { encodeScgi } from '../../lib/operators/encode-scgi.js';
import { createFlow, type Flow } from '../../lib/operators/flow/flow.js';
import { handleScgi } from '../../lib/operators/handle-scgi.js';
import { idleTimeout } from '../../lib/operators/idle-timeout.js';
import { CountedChunks } from '../helpers/virtual-time/counted-chunks.js';
import { errorFacts, marbles } from '../helpers/virtual-time/marbles.js';
import { requestHead } from '../helpers/wire/requests.js';
import { wire } from '../helpers/wire/wire.js';

const IDLE = { code: 'ERR_SCGI_IDLE_TIMEOUT', limit: 4, actual: 4 };
const CHUNKS = { h: requestHead(6), a: wire('abc'), b: wire('def') };

describe('idleTimeout', () => {
  it('should error in its frame when nothing comes, and unsubscribe from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const source = cold(' ----------');
      const expected = '    ----#     ';
      const subscription = '^---!     ';
      expectObservable(source.pipe(idleTimeout(4, { scheduler }))).toBe(expected, {}, IDLE);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it('should start again with each value', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const source = cold(' ---a---b--------');
      const expected = '    ---a---b---#    ';
      const subscription = '^----------!    ';
      expectObservable(source.pipe(idleTimeout(4, { scheduler }))).toBe(expected, undefined, IDLE);
      expectSubscriptions(source.subscriptions).toBe(subscription);
    });
  });

  it.each([
    ['complete with its source', '---a---(b|)'],
    ['error with its source', '   ---a---(b#)'],
    ['be empty with its source', ' |'],
    ['pass on one value', '        (a|)'],
  ])('should %s', (_, chunks) => {
    marbles(({ cold, expectObservable }, scheduler) => {
      expectObservable(cold(chunks).pipe(idleTimeout(4, { scheduler }))).toBe(chunks);
    });
  });

  it('should leave no timer behind', () => {
    marbles(({ expectObservable }, scheduler) => {
      expectObservable(EMPTY.pipe(idleTimeout(4, { scheduler }))).toBe('|');
      expectObservable(throwError(() => 'error').pipe(idleTimeout(4, { scheduler }))).toBe('#');
      expectObservable(NEVER.pipe(idleTimeout(4, { scheduler })), '^-!').toBe('---');
      scheduler.schedule(() => {
        expect(scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
      }, 3);
    });
  });

  it.each<[string, string, string]>([
    ['its source has completed', '   -|      ', '-|'],
    ['its source has failed', '      -#      ', '-#'],
  ])('should not begin again when %s and the input goes on later', (_, chunks, expected) => {
    marbles(({ cold, expectObservable, flush }, scheduler) => {
      const flow = createFlow();
      flow.holdInput(cold('--t-f', { t: true, f: false }));
      expectObservable(cold(chunks).pipe(idleTimeout(4, { flow, scheduler }))).toBe(expected);
      flush();
      expect(scheduler.frame).toBe(4);
    });
  });

  it('should run for each subscription', () => {
    marbles(({ expectObservable }, scheduler) => {
      const result = NEVER.pipe(idleTimeout(4, { scheduler }));
      expectObservable(result).toBe('        ----#', {}, IDLE);
      expectObservable(result, '---^').toBe(' -------#', {}, IDLE);
    });
  });

  it('should stop pulling from an endless source once its subscriber has unsubscribed', () => {
    const source = new CountedChunks(wire('a'), wire('b'));
    source.chunks.pipe(idleTimeout(1000), take(2)).subscribe();
    expect(source.count).toBe(2);
  });

  it('should wait forever when it is given Infinity', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      expectObservable(cold('20d a|').pipe(idleTimeout(Infinity, { scheduler }))).toBe('20d a|');
    });
  });

  it('should not count the time in which the input is paused, and start again after it', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const flow = createFlow();
      const source = cold('  h--a--------------', CHUNKS);
      const taken = cold('    ----------(t|)    ');
      const expectedBody = '  ----------a---#   ';
      const bodies = new Subject<Uint8Array>();
      // Paused from frame 3 on, by 3 bytes that wait; taken, and so running again, from frame 10 on.
      const result = source.pipe(
        idleTimeout(4, { flow, scheduler }),
        decodeScgi({ flow, bodyHighWaterMark: 3 }),
        mergeMap(({ body }) =>
          taken.pipe(
            mergeMap(() =>
              body.pipe(
                tap({ next: (data) => bodies.next(data), error: (error: unknown) => bodies.error(error) }),
                ignoreElements(),
              ),
            ),
          ),
        ),
      );
      expectObservable(bodies).toBe(expectedBody, CHUNKS, IDLE);
      expectObservable(result).toBe('--------------#', {}, IDLE);
    });
  });

  it('should not cut a response whose request has a body that nobody takes', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const events = cold('   -------x------y|', { x: 'x', y: 'y' });
      const source = cold('  h---------------', CHUNKS);
      const expected = '     r------x------y|';
      expectObservable(pipeline(source, createFlow(), events)).toBe(expected, {
        r: 'Status: 200 OK\r\n\r\n',
        x: 'x',
        y: 'y',
      });

      function pipeline(bytes: typeof source, flow: Flow, body: typeof events) {
        return bytes.pipe(
          idleTimeout(4, { flow, scheduler }),
          decodeScgi({ flow }),
          mergeMap(() => of({ body })),
          encodeScgi({ flow }),
        );
      }
    });
  });

  it('should, as bodyTimeoutMs, come to rest while the input is paused', () => {
    marbles(({ cold }, scheduler) => {
      const flow = createFlow();
      const options = { flow, scheduler, bodyTimeoutMs: 4, bodyHighWaterMark: 2, headersTimeoutMs: Infinity };
      cold('--h--a', CHUNKS)
        .pipe(handleScgi(() => NEVER, options))
        .subscribe();
      scheduler.schedule(() => {
        expect(flow.inputPaused.value).toBe(true);
        expect(scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
      }, 12);
    });
  });

  it('should come to rest while a response goes on whose request has a body that nobody takes', () => {
    marbles(({ cold }, scheduler) => {
      const flow = createFlow();
      const source = cold('--h--a', CHUNKS);
      const options = { flow, scheduler };
      source
        .pipe(
          idleTimeout(4, options),
          decodeScgi({ flow }),
          mergeMap(() => of({ body: NEVER })),
          encodeScgi({ flow }),
        )
        .subscribe();
      scheduler.schedule(() => {
        expect(scheduler.actions.filter(({ closed }) => !closed)).toEqual([]);
      }, 12);
    });
  });

  it.each([0, -1, 1.5, NaN, 2_147_483_648])('should refuse %s ms at the call', (idleMs) => {
    expect(() => idleTimeout(idleMs)).toThrow(RangeError);
  });

  it.each<[string, object]>([
    ['a flow that is not one', { flow: {} }],
    ['a scheduler that is not one', { scheduler: {} }],
  ])('should refuse %s at the call', (_, options) => {
    expect(() => idleTimeout(1, options)).toThrow(TypeError);
  });

  it('should fire in real time', (done) => {
    concat(of(1), NEVER)
      .pipe(idleTimeout(1))
      .subscribe({
        error: (error: unknown) => {
          expect(errorFacts(error)).toEqual({ code: 'ERR_SCGI_IDLE_TIMEOUT', limit: 1, actual: 1 });
          done();
        },
      });
  });
});
