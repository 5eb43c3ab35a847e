import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  NEVER,
  Subject,
  type Subscription,
  TimeoutError,
  debounceTime,
  delay,
  interval,
  of,
  take,
  timeout,
  timer,
  type SchedulerAction,
} from 'rxjs';
import { IdleTimer } from '../../../lib/operators/exchange/idle-timer.js';
import { coarseScheduler } from '../../../lib/system/time/coarse-scheduler.js';
import { REAL_TIME } from '../../../lib/system/time/real-time.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { stopClocks } from '../../helpers/virtual-time/stop-clocks.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

const LATE_MS = 101;

describe('coarseScheduler', () => {
  describe('in fake time', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => {
      jest.runOnlyPendingTimers();
      expect(jest.getTimerCount()).toBe(0);
      jest.useRealTimers();
    });

    it.each([0, 1, 20, 999])('should run work with a delay of %d ms exactly then', (ms) => {
      const work = jest.fn();
      coarseScheduler.schedule(work, ms);
      if (ms > 1) {
        jest.advanceTimersByTime(ms - 1);
        expect(work).not.toHaveBeenCalled();
      }
      jest.advanceTimersByTime(1);
      expect(work).toHaveBeenCalledTimes(1);
    });

    it.each([1000, 60_000])('should run work with a delay of %d ms within 100 ms more, and once', (ms) => {
      const work = jest.fn();
      coarseScheduler.schedule(work, ms, 'state');
      jest.advanceTimersByTime(ms - 1);
      expect(work).not.toHaveBeenCalled();
      jest.advanceTimersByTime(LATE_MS);
      jest.advanceTimersByTime(2 * ms);
      expect(work.mock.calls).toEqual([['state']]);
    });

    it.each([undefined, NaN, -1, -Infinity])(
      'should run work with a delay of %s at once, but not before it returns',
      (ms) => {
        const work = jest.fn();
        coarseScheduler.schedule(work, ms);
        expect(work).not.toHaveBeenCalled();
        jest.advanceTimersByTime(1);
        expect(work).toHaveBeenCalledTimes(1);
      },
    );

    it('should run work with a delay that the timers of the system cannot have', () => {
      const work = jest.fn();
      const action = coarseScheduler.schedule(work, 2 ** 31);
      jest.advanceTimersByTime(5000);
      expect(work).not.toHaveBeenCalled();
      const now = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 2 ** 31);
      jest.advanceTimersByTime(LATE_MS + 10);
      now.mockRestore();
      expect(work).toHaveBeenCalledTimes(1);
      action.unsubscribe();
    });

    it('should never run work with a delay of Infinity, and keep no timer for it', () => {
      const work = jest.fn();
      const action = coarseScheduler.schedule(work, Infinity);
      expect([jest.getTimerCount(), action.closed]).toEqual([0, false]);
    });

    it.each([20, 2000, Infinity])('should not run work with a delay of %d ms that is unsubscribed', (ms) => {
      const work = jest.fn();
      const action = coarseScheduler.schedule(work, ms);
      const finalizer = jest.fn();
      action.add(finalizer);
      action.unsubscribe();
      action.unsubscribe();
      jest.advanceTimersByTime(5000);
      expect(work).not.toHaveBeenCalled();
      expect([finalizer.mock.calls.length, action.closed, jest.getTimerCount()]).toEqual([1, true, 0]);
    });

    it('should not run work that other work has unsubscribed in the same sweep', () => {
      const work = jest.fn(() => second.unsubscribe());
      coarseScheduler.schedule(work, 1000);
      const second: Subscription = coarseScheduler.schedule(work, 1000);
      jest.advanceTimersByTime(3000);
      expect(work).toHaveBeenCalledTimes(1);
    });

    it('should schedule the work again where the work asks for it, with a new state, for any delay', () => {
      const seen: unknown[] = [];
      const start = performance.now();
      const delays = [20, 1500, 3000];
      coarseScheduler.schedule<string>(
        function (state) {
          seen.push([state, Math.round(performance.now() - start)]);
          const ms = delays.shift();
          if (ms !== undefined) expect(this.schedule(`after ${ms}`, ms)).toBe(this);
          else this.unsubscribe();
        },
        1000,
        'first',
      );
      jest.advanceTimersByTime(6000);
      expect(seen).toEqual([
        ['first', 1000],
        ['after 20', 1020],
        ['after 1500', expect.any(Number)],
        ['after 3000', expect.any(Number)],
      ]);
      const [third = 0, fourth = 0] = (seen.slice(2) as [string, number][]).map(([, at]) => at);
      expect(third).toBeGreaterThanOrEqual(2520);
      expect(third).toBeLessThan(2520 + LATE_MS);
      expect(fourth).toBeGreaterThanOrEqual(third + 3000);
      expect(fourth).toBeLessThan(third + 3000 + LATE_MS);
    });

    it.each([50, 2000, Infinity])(
      'should run the work only when it was last scheduled for, here after %d ms more',
      (ms) => {
        const work = jest.fn();
        const action = coarseScheduler.schedule(work, 1000, 'first') as SchedulerAction<string>;
        jest.advanceTimersByTime(500);
        action.schedule('second', ms);
        jest.advanceTimersByTime(5000);
        expect(work.mock.calls).toEqual(ms === Infinity ? [] : [['second']]);
        action.unsubscribe();
        expect(action.schedule('third', ms)).toBe(action);
        expect(jest.getTimerCount()).toBe(0);
      },
    );

    it('should throw what work throws on its own, after which that work is unsubscribed, and other work runs', () => {
      const finalizer = jest.fn();
      const thrown = coarseScheduler.schedule(function () {
        this.schedule(undefined, 1000);
        throw new Error('of the work');
      }, 1000);
      thrown.add(finalizer);
      const others = [1000, 1000, 1500].map((ms) => {
        const other = jest.fn();
        coarseScheduler.schedule(other, ms);
        return other;
      });
      expect(() => jest.advanceTimersByTime(1000 + LATE_MS)).toThrow('of the work');
      expect([thrown.closed, finalizer.mock.calls.length]).toEqual([true, 1]);
      jest.advanceTimersByTime(3000);
      for (const other of others) expect(other).toHaveBeenCalledTimes(1);
    });

    it('should go on when a finalizer of work that throws throws, too', () => {
      const thrown = coarseScheduler.schedule(() => {
        throw new Error('of the work');
      }, 1000);
      thrown.add(() => {
        throw new Error('of the finalizer');
      });
      const other = jest.fn();
      coarseScheduler.schedule(other, 1500);
      expect(() => jest.advanceTimersByTime(1000 + LATE_MS)).toThrow('of the finalizer');
      jest.advanceTimersByTime(1000);
      expect(other).toHaveBeenCalledTimes(1);
    });

    it('should measure the delay until a date by the wall clock', () => {
      expect(coarseScheduler.now()).toBe(Date.now());
      const seen: unknown[] = [];
      timer(new Date(Date.now() + 2000), coarseScheduler).subscribe(() => seen.push('timer'));
      NEVER.pipe(timeout({ first: new Date(Date.now() + 2000), scheduler: coarseScheduler })).subscribe({
        error: (error: unknown) => seen.push(error),
      });
      jest.advanceTimersByTime(1999);
      expect(seen).toEqual([]);
      jest.advanceTimersByTime(LATE_MS);
      expect(seen).toEqual(['timer', expect.any(TimeoutError)]);
    });

    it('should serve the operators of RxJS', () => {
      const seen: unknown[] = [];
      const source = new Subject<string>();
      interval(1500, coarseScheduler)
        .pipe(take(3))
        .subscribe((count) => seen.push(count));
      of('delayed')
        .pipe(delay(1200, coarseScheduler))
        .subscribe((value) => seen.push(value));
      source.pipe(debounceTime(1500, coarseScheduler)).subscribe((value) => seen.push(value));
      source.pipe(timeout({ each: 3000, scheduler: coarseScheduler })).subscribe({
        error: (error: unknown) => seen.push((error as Error).name),
      });
      source.next('a');
      jest.advanceTimersByTime(1000);
      source.next('b');
      jest.advanceTimersByTime(10_000);
      expect(seen).toEqual(['delayed', 0, 'b', 1, 'TimeoutError', 2]);
    });

    it('should leave a timeout that is cancelled for nobody to keep', () => {
      const source = new Subject<number>();
      const output = source.pipe(timeout({ each: 2000, scheduler: coarseScheduler })).subscribe();
      const finalizers = (): number => (output as unknown as { _finalizers: unknown[] })._finalizers.length;
      const before = finalizers();
      for (let i = 0; i < 100; i++) source.next(i);
      expect(finalizers()).toBe(before);
      output.unsubscribe();
      // The tick that has been asked for is the last one.
      jest.advanceTimersByTime(100);
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  it('should neither run work early nor late when the wall clock is set', () => {
    jest.useFakeTimers();
    const set = stopClocks();
    const work = jest.fn();
    coarseScheduler.schedule(work, 1000);
    set(3_600_000, 900);
    jest.advanceTimersByTime(1000);
    expect(work).not.toHaveBeenCalled();
    set(-3_600_000, 1000);
    jest.advanceTimersByTime(LATE_MS + 10);
    expect(work).toHaveBeenCalledTimes(1);
    jest.runOnlyPendingTimers();
    jest.useRealTimers();
  });

  it('should keep to the frame in a marble test', () => {
    marbles(({ cold, expectObservable }) => {
      const slow = cold('3s a|').pipe(timeout({ first: 2000, scheduler: coarseScheduler }));
      expectObservable(slow).toBe('2s #', undefined, expect.any(TimeoutError));
      expectObservable(timer(1500, 1500, coarseScheduler).pipe(take(2))).toBe('1500ms a 1499ms (b|)', {
        a: 0,
        b: 1,
      });
    });
  });

  it('should keep the process alive while work waits that is to run, and no longer', () => {
    const running = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
    const before = running();
    const other = new IdleTimer(REAL_TIME, 1000, () => undefined);
    for (const turn of [1, 2]) {
      const never = coarseScheduler.schedule(() => undefined, Infinity);
      expect([turn, running()]).toEqual([turn, before]);
      const actions = [1000, 2000, 5000].map((ms) => coarseScheduler.schedule(() => undefined, ms));
      expect([turn, running()]).toEqual([turn, before + 1]);
      other.start();
      for (const action of actions) action.unsubscribe();
      expect([turn, running()]).toEqual([turn, before + 1]);
      other.stop();
      expect([turn, running()]).toEqual([turn, before]);
      never.unsubscribe();
    }
  });

  it('should hold neither work nor state of an action that somebody keeps, once it is unsubscribed', () => {
    const schedule = () => {
      const state = { large: true };
      const action = coarseScheduler.schedule(() => undefined, 2000, state);
      action.unsubscribe();
      return { action, state: new WeakRef(state) };
    };
    const kept = schedule();
    setFlagsFromString('--expose-gc');
    // A WeakRef that was just made is kept until the end of the task.
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      (runInNewContext('gc') as () => void)();
      expect([kept.action.closed, kept.state.deref()]).toEqual([true, undefined]);
    });
  });
});
