import { NEVER, Observable, Subject, of, throwError } from 'rxjs';
import { ForwardingSubscriber, type Target } from '../../../lib/operators/flow/forwarding-subscriber.js';
import { CountedChunks } from '../../helpers/virtual-time/counted-chunks.js';

/** A subscriber, and what its target was told; `onNext` is called with each value. */
function early(onNext?: (subscriber: ForwardingSubscriber<number>) => void) {
  const log: unknown[] = [];
  const target: Target<number> = {
    next: (value) => {
      log.push(value);
      onNext?.(subscriber);
    },
    error: (error) => log.push(['error', error, subscriber.closed]),
    complete: () => log.push(['complete', subscriber.closed]),
  };
  const subscriber: ForwardingSubscriber<number> = new ForwardingSubscriber(target, 'before');
  return { subscriber, log };
}

const BOOM = new Error('boom');

describe('ForwardingSubscriber that finalizes its source before the end is told', () => {
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
    }).subscribe(new ForwardingSubscriber(target, 'before'));
    expect(log).toEqual(['finalized', 'complete']);
  });

  it('should emit nothing when its source emits nothing', () => {
    const { subscriber, log } = early();
    NEVER.subscribe(subscriber);
    expect(log).toEqual([]);
  });
});

describe.each([
  ['by-target', ['complete', 'next', 'finalized']],
  ['after', ['complete', 'finalized', 'next']],
  ['before', ['finalized', 'complete', 'next']],
] as const)('ForwardingSubscriber, finalization %s', (finalization, expected) => {
  it.each(['complete', 'error'] as const)('should finalize its source in time when it ends by %s', (end) => {
    const log: string[] = [];
    const tell = () => log.push('complete');
    const subscriber = new ForwardingSubscriber(
      { next: () => undefined, error: tell, complete: tell },
      finalization,
    );
    new Observable<number>((source) => {
      source.add(() => log.push('finalized'));
      source[end](BOOM as never);
    }).subscribe(subscriber);
    log.push('next');
    subscriber.unsubscribe();
    expect(log).toEqual(expected);
  });
});

describe('ForwardingSubscriber, in front of a target that takes text', () => {
  it('should pass text on until it is closed', () => {
    const texts: string[] = [];
    const silent = { next: () => undefined, error: () => undefined, complete: () => undefined };
    const subscriber = new ForwardingSubscriber({ ...silent, nextText: (text) => texts.push(text) });
    subscriber.nextText?.('a');
    subscriber.unsubscribe();
    subscriber.nextText?.('b');
    expect([texts, new ForwardingSubscriber(silent).nextText]).toEqual([['a'], undefined]);
  });
});
