/** Real time for the timeouts of connections, of which there are thousands, and hardly any expire. */
import type { TimedTask, Timekeeper } from '../../operators/exchange/idle-timer.js';
import { checkAfter, type Clock } from '../../operators/exchange/lateness.js';
import { SweepingTimekeeper } from '../../server/sweeping-timekeeper.js';

/** From this length on, timeouts are swept: starting one costs almost nothing, and it is late by little more than a tick. */
export const SWEPT_MS = 1000;
const TICK_MS = 100;

let tick: ReturnType<typeof setTimeout> | undefined;

/** The platform's own timers, which cost less than actions of `asyncScheduler`. */
const PLATFORM: Clock = {
  now: () => performance.now(),
  schedule(work, ms) {
    const timeout = setTimeout(work, ms);
    return { unsubscribe: () => clearTimeout(timeout) };
  },
};

const sweeping = new SweepingTimekeeper(
  {
    ...PLATFORM,
    schedule(work, ms) {
      const timeout = setTimeout(work, ms);
      tick = timeout;
      return { unsubscribe: () => clearTimeout(timeout) };
    },
  },
  TICK_MS,
);

/** A tick keeps the process alive only while a timeout runs. */
export const REAL_TIME: Timekeeper = {
  now: () => performance.now(),
  start(timer: TimedTask, ms: number): void {
    if (ms >= SWEPT_MS || timer.setIndex >= 0) {
      if (sweeping.idle) tick?.ref();
      sweeping.start(timer);
    } else {
      timer.action ??= checkAfter(PLATFORM, ms, (asOf) => {
        timer.action = undefined;
        timer.check(asOf);
      });
    }
  },
  stop(timer: TimedTask): void {
    if (timer.setIndex >= 0) {
      sweeping.stop(timer);
      if (sweeping.idle) tick?.unref();
    }
    timer.action?.unsubscribe();
    timer.action = undefined;
  },
};
