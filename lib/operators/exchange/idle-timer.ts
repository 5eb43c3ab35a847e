/** Timeouts of which a busy one costs no more than a look at the clock. */
import type { SchedulerLike, Subscription } from 'rxjs';
import { clockOf } from './clock.js';

/** What tells timers that their time may be over: a scheduler of its own for each, or one sweep for many. */
export interface Timekeeper {
  now(): number;
  /** Sees to it that `timer.check()` is called once `ms` have gone by; again, if it is running already. */
  start(timer: IdleTimer, ms: number): void;
  stop(timer: IdleTimer): void;
}

/** Calls back once `ms` have gone by without a `touch`. */
export class IdleTimer {
  /** The timekeeper's: where it keeps this timer. */
  setIndex = -1;
  action: Subscription | undefined;
  private since = 0;

  constructor(
    private readonly keeper: Timekeeper,
    private readonly ms: number,
    private readonly expired: () => void,
  ) {}

  start(): void {
    if (this.ms === Infinity) return;
    this.touch();
    this.keeper.start(this, this.ms);
  }

  /** Something came: the time runs anew. */
  touch(): void {
    this.since = this.keeper.now();
  }

  stop(): void {
    this.keeper.stop(this);
  }

  /** The timekeeper's call: expires, or goes on for what is left. */
  check(): void {
    const left = this.since + this.ms - this.keeper.now();
    if (left > 0) {
      this.keeper.start(this, left);
      return;
    }
    this.keeper.stop(this);
    this.expired();
  }
}

/** Exact to the frame, so that marble tests can assert it: an action of the scheduler for each timer. */
export class ScheduledTimekeeper implements Timekeeper {
  readonly now: () => number;

  constructor(private readonly scheduler: SchedulerLike) {
    this.now = clockOf(scheduler);
  }

  start(timer: IdleTimer, ms: number): void {
    // One that runs finds out by itself, when it goes off, that it was touched.
    if (timer.action) return;
    timer.action = this.scheduler.schedule(() => {
      timer.action = undefined;
      timer.check();
    }, ms);
  }

  stop(timer: IdleTimer): void {
    timer.action?.unsubscribe();
    timer.action = undefined;
  }
}
