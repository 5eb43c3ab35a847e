/** Real time for the timeouts of connections, of which there are thousands, and hardly any expire. */
import { Subscription } from 'rxjs';
import type { IdleTimer, Timekeeper } from '../../operators/exchange/idle-timer.js';
import { CATCH_UP_MS, isLate } from '../../operators/exchange/lateness.js';
import { SweepingTimekeeper, type Clock } from '../../server/sweeping-timekeeper.js';

/** From this length on, timeouts are swept: starting one costs almost nothing, and it is late by a tick at most. */
const SWEPT_MS = 1000;
const TICK_MS = 100;

let tick: ReturnType<typeof setTimeout> | undefined;

/** The platform's own timers, which cost less than actions of `asyncScheduler`. */
const PLATFORM: Clock = {
  now: () => performance.now(),
  schedule(work, ms) {
    const timeout = setTimeout(work, ms);
    tick = timeout;
    return new Subscription(() => clearTimeout(timeout));
  },
};

const sweeping = new SweepingTimekeeper(PLATFORM, TICK_MS);

/** A tick keeps the process alive only while a timeout runs. */
export const REAL_TIME: Timekeeper = {
  now: () => performance.now(),
  start(timer: IdleTimer, ms: number): void {
    if (ms >= SWEPT_MS || timer.setIndex >= 0) {
      if (sweeping.idle) tick?.ref();
      sweeping.start(timer);
    } else if (!timer.action) {
      checkAfter(timer, ms, performance.now() + ms);
    }
  },
  stop(timer: IdleTimer): void {
    if (timer.setIndex >= 0) {
      sweeping.stop(timer);
      if (sweeping.idle) tick?.unref();
    }
    timer.action?.unsubscribe();
    timer.action = undefined;
  },
};

/** Checks `timer` once; where that is late, a moment later, and then whatever the time is. */
function checkAfter(timer: IdleTimer, ms: number, due: number): void {
  const timeout = setTimeout(() => {
    timer.action = undefined;
    if (isLate(performance.now(), due)) checkAfter(timer, CATCH_UP_MS, Infinity);
    else timer.check();
  }, ms);
  timer.action = { unsubscribe: () => clearTimeout(timeout) };
}
