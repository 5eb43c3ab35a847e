/** Who waits for a place, and when it comes, in virtual time. */
import { finalize, mergeMap, of, throwError, type Observable } from 'rxjs';
import { CallQueue } from '../../../lib/node/client/call-queue.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';

/** A call, from its wait on. */
function queued<T>(queue: CallQueue, call$: Observable<T>): Observable<T> {
  return queue.take().pipe(mergeMap((leave) => call$.pipe(finalize(leave))));
}

describe('CallQueue', () => {
  it('should admit in the order of arrival, each when the one before has left', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const queue = new CallQueue(1, Infinity);
      const calls = [cold('--a|'), cold('--b|'), cold('--c|')];
      expectObservable(queued(queue, calls[0]!)).toBe('--a|');
      expectObservable(queued(queue, calls[1]!)).toBe('-----b|');
      expectObservable(queued(queue, calls[2]!)).toBe('--------c|');
      expectSubscriptions(calls[0]!.subscriptions).toBe('^--!');
      expectSubscriptions(calls[1]!.subscriptions).toBe('---^--!');
      expectSubscriptions(calls[2]!.subscriptions).toBe('------^--!');
    });
  });

  it('should admit as many at once as there are places', () => {
    marbles(({ cold, expectObservable }) => {
      const queue = new CallQueue(2, Infinity);
      expectObservable(queued(queue, cold('---a|'))).toBe('---a|');
      expectObservable(queued(queue, cold('-b|'))).toBe('  -b|');
      expectObservable(queued(queue, cold('---c|'))).toBe('-----c|');
      expectObservable(queued(queue, cold('---d|'))).toBe('-------d|');
    });
  });

  it('should give the place of a call on that fails, or is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const queue = new CallQueue(1, Infinity);
      const left = cold('-----');
      expectObservable(queued(queue, cold('--#'))).toBe('--#');
      expectObservable(queued(queue, left), '         ---!').toBe('---');
      expectObservable(queued(queue, cold('--a|'))).toBe('-----a|');
      expectSubscriptions(left.subscriptions).toBe('   --^!');
    });
  });

  it('should never call for who has left the queue', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const queue = new CallQueue(1, Infinity);
      const left = cold('a|');
      expectObservable(queued(queue, cold('---a|'))).toBe('---a|');
      expectObservable(queued(queue, left), '         -!').toBe('-');
      expectObservable(queued(queue, cold('b|'))).toBe('   ----b|');
      expectSubscriptions(left.subscriptions).toBe([]);
    });
  });

  it('should refuse who comes when as many wait as may, and only then', () => {
    marbles(({ cold, expectObservable }) => {
      const queue = new CallQueue(1, 1);
      const late = (wait: string): Observable<unknown> =>
        cold(`${wait}(x|)`).pipe(mergeMap(() => queued(queue, cold('-c|'))));
      expectObservable(queued(queue, cold('---a|'))).toBe('---a|');
      expectObservable(queued(queue, cold('---b|'))).toBe('-------b|');
      expectObservable(late('--')).toBe('--#', undefined, tooMany(1));
      expectObservable(late('-----')).toBe('---------c|');
    });
  });

  it('should refuse everybody without a place when nobody may wait', () => {
    marbles(({ cold, expectObservable }) => {
      const queue = new CallQueue(1, 0);
      expectObservable(queued(queue, cold('-a|'))).toBe('-a|');
      expectObservable(queued(queue, cold('-b|'))).toBe('#', undefined, tooMany(0));
    });
  });

  it('should admit a thousand calls that are over at once, without a deep stack, and each once', () => {
    const queue = new CallQueue(1, Infinity);
    const seen: number[] = [];
    let leaveFirst = (): void => undefined;
    queue.take().subscribe((leave) => (leaveFirst = leave));
    for (let call = 0; call < 20_000; call++)
      queued(queue, call % 2 ? of(call) : throwError(() => call)).subscribe({
        next: (value) => seen.push(value),
        error: (value: unknown) => seen.push(value as number),
      });
    expect(seen).toEqual([]);
    leaveFirst();
    expect(seen).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
  });
});

/** As the marbles show errors. */
function tooMany(limit: number): unknown {
  return { code: 'ERR_SCGI_TOO_MANY_CALLS', limit, actual: limit + 1 };
}
