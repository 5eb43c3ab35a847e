import { NEVER, Observable, Subject, of, throwError } from 'rxjs';
import { EarlySubscriber, type Target } from '../../lib/operators/forwarding-subscriber.js';
import { CountedChunks } from '../helpers/virtual-time/counted-chunks.js';

/** A subscriber, and what its target was told; `onNext` is called with each value. */
function early(onNext?: (subscriber: EarlySubscriber<number>) => void) {
  const log: unknown[] = [];
  const target: Target<number> = {
    next: (value) => {
      log.push(value);
      onNext?.(subscriber);
    },
    error: (error) => log.push(['error', error, subscriber.closed]),
    complete: () => log.push(['complete', subscriber.closed]),
  };
  const subscriber: EarlySubscriber<number> = new EarlySubscriber(target);
  return { subscriber, log };
}

const BOOM = new Error('boom');

describe('EarlySubscriber', () => {
  it('should forward values and completion, and be closed by then', () => {
    const { subscriber, log } = early();
    of(1, 2).subscribe(subscriber);
    expect(log).toEqual([1, 2, ['complete', true]]);
  });

  it('should forward an error, and be closed by then', () => {
    const { subscriber, log } = early();
    throwError(() => BOOM).subscribe(subscriber);
    expect(log).toEqual([['error', BOOM, true]]);
  });

  it('should stop a synchronous, endless source from inside', () => {
    const source = new CountedChunks(7);
    const { subscriber, log } = early((self) => self.unsubscribe());
    source.chunks.subscribe(subscriber);
    expect({ log, count: source.count }).toEqual({ log: [7], count: 1 });
  });

  it('should never begin with a source once it is unsubscribed', () => {
    const { subscriber, log } = early();
    subscriber.unsubscribe();
    of(1).subscribe(subscriber);
    expect(log).toEqual([]);
  });

  it('should unsubscribe from its source', () => {
    const { subscriber, log } = early();
    const source = new Subject<number>();
    source.subscribe(subscriber);
    source.next(1);
    subscriber.unsubscribe();
    source.next(2);
    expect({ log, observed: source.observed }).toEqual({ log: [1], observed: false });
  });

  it('should run the finalization of its source before the target hears of the end', () => {
    const log: string[] = [];
    const target = { next: () => undefined, error: () => undefined, complete: () => log.push('complete') };
    new Observable<number>((subscriber) => {
      subscriber.add(() => log.push('finalized'));
      subscriber.complete();
    }).subscribe(new EarlySubscriber(target));
    expect(log).toEqual(['finalized', 'complete']);
  });

  it('should emit nothing when its source emits nothing', () => {
    const { subscriber, log } = early();
    NEVER.subscribe(subscriber);
    expect(log).toEqual([]);
  });
});
