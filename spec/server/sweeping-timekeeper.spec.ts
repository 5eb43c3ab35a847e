import { Subscription, asyncScheduler } from 'rxjs';
import { SweepingTimekeeper, tickFor } from '../../lib/server/sweeping-timekeeper.js';
import { IdleTimer } from '../../lib/operators/exchange/idle-timer.js';
import { marbles } from '../helpers/virtual-time/marbles.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';
import { expectTimeoutToKeepTime } from '../helpers/virtual-time/stop-clocks.js';

cleanUpSockets();

describe('SweepingTimekeeper', () => {
  /** Runs `steps` at their times, and gives when which timer went off. */
  function expiries(
    tickMs: number,
    steps: (timer: (name: string, ms: number) => IdleTimer) => Record<number, () => void>,
    until = 1000,
  ): string[] {
    const seen: string[] = [];
    marbles((_, scheduler) => {
      const keeper = new SweepingTimekeeper(scheduler, tickMs);
      const timer = (name: string, ms: number): IdleTimer =>
        new IdleTimer(keeper, ms, () => seen.push(`${name} ${scheduler.now()}`));
      for (const [at, step] of Object.entries(steps(timer))) scheduler.schedule(step, Number(at));
      scheduler.schedule(() => seen.push(`${scheduler.actions.length} left`), until);
    });
    return seen;
  }

  it('should expire at the first tick after the time', () => {
    const seen = expiries(10, (timer) => {
      const [a, b] = [timer('a', 25), timer('b', 30)];
      return {
        0: () => {
          a.start();
          b.start();
        },
      };
    });
    expect(seen).toEqual(['a 30', 'b 30', '0 left']);
  });

  it('should start again with each touch', () => {
    const seen = expiries(10, (timer) => {
      const a = timer('a', 25);
      return { 0: () => a.start(), 15: () => a.touch(), 35: () => a.touch() };
    });
    expect(seen).toEqual(['a 60', '0 left']);
  });

  it('should not expire after a stop, before a tick or within it', () => {
    const seen = expiries(10, (timer) => {
      const [a, b, c] = [timer('a', 15), timer('b', 15), timer('c', Infinity)];
      return {
        0: () => {
          a.start();
          b.start();
          c.start();
        },
        12: () => a.stop(),
      };
    });
    expect(seen).toEqual(['b 20', '0 left']);
  });

  it('should let other work happen between many that expire at once', () => {
    const seen: string[] = [];
    marbles((_, scheduler) => {
      const keeper = new SweepingTimekeeper(scheduler, 10);
      const expired = (): void => {
        if (seen.push('timeout') === 1) scheduler.schedule(() => seen.push('other'));
      };
      for (let i = 0; i < 100; i++) new IdleTimer(keeper, 10, expired).start();
    });
    expect(seen.filter((what) => what === 'timeout')).toHaveLength(100);
    expect(seen.indexOf('other')).toBeLessThanOrEqual(32);
  });

  it('should leave no action scheduled when no timer runs, and tick again later', () => {
    const seen = expiries(10, (timer) => {
      const a = timer('a', 15);
      return { 0: () => a.start(), 100: () => a.start() };
    });
    expect(seen).toEqual(['a 20', 'a 120', '0 left']);
  });

  it('should neither expire nor be delayed when the wall clock is set', () => {
    expectTimeoutToKeepTime(new SweepingTimekeeper(asyncScheduler, 10));
  });

  describe('when a tick comes late, as the process was busy', () => {
    /** A keeper whose clock and ticks are moved by the test. */
    function moved() {
      const scheduled: { readonly work: () => void; readonly ms: number }[] = [];
      let now = 0;
      const keeper = new SweepingTimekeeper(
        {
          now: () => now,
          schedule(work, ms) {
            scheduled.push({ work, ms });
            return new Subscription();
          },
        },
        100,
      );
      const expired = jest.fn();
      const timer = new IdleTimer(keeper, 150, expired);
      timer.start();
      /** Runs what is scheduled, at this time. */
      const at = (ms: number): void => {
        now = ms;
        scheduled.shift()?.work();
      };
      return { at, keeper, scheduled, timer, expired };
    }

    it('should let what has come meanwhile start the time anew', () => {
      const { at, scheduled, timer, expired } = moved();
      at(500);
      expect(expired).not.toHaveBeenCalled();
      expect(scheduled).toMatchObject([{ ms: 10 }]);
      timer.touch();
      at(510);
      expect(expired).not.toHaveBeenCalled();
      expect(scheduled).toMatchObject([{ ms: 100 }]);
    });

    it('should wait once, even if that is late as well', () => {
      const { at, expired } = moved();
      at(500);
      at(900);
      expect(expired).toHaveBeenCalledTimes(1);
    });

    it('should judge as of before when that is late as well: nothing of the second time has been read', () => {
      const { at, timer, expired } = moved();
      at(500);
      timer.touch();
      at(900);
      expect(expired).not.toHaveBeenCalled();
    });

    it('should judge all timers as of one time, whatever one of them does when it expires', () => {
      const { at, keeper, timer, expired } = moved();
      timer.stop();
      const first = new IdleTimer(keeper, 50, () => at(400));
      first.start();
      timer.start();
      at(100);
      expect(expired).not.toHaveBeenCalled();
    });

    it('should not wait when it is on time, as in virtual time', () => {
      const { at, expired } = moved();
      at(100);
      at(200);
      expect(expired).toHaveBeenCalledTimes(1);
    });
  });

  it('should not expire a timer that another one stops in the same tick', () => {
    const seen: string[] = [];
    marbles((_, scheduler) => {
      const keeper = new SweepingTimekeeper(scheduler, 10);
      const second: IdleTimer = new IdleTimer(keeper, 5, () => seen.push('second'));
      const first = new IdleTimer(keeper, 5, () => {
        seen.push('first');
        second.stop();
      });
      first.start();
      second.start();
    });
    expect(seen).toEqual(['first']);
  });
});

describe('tickFor', () => {
  it.each([
    { timeoutsMs: [60_000, 30_000, Infinity], tick: 1000 },
    { timeoutsMs: [2000, 60_000], tick: 200 },
    { timeoutsMs: [5], tick: 10 },
    { timeoutsMs: [Infinity, Infinity], tick: 1000 },
  ])('should be $tick ms for $timeoutsMs', ({ timeoutsMs, tick }) => {
    expect(tickFor(timeoutsMs)).toBe(tick);
  });
});
