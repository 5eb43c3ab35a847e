/** The timeouts of all connections by one timer. */
import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import type { IdleTimer, Timekeeper } from '../operators/exchange/idle-timer.js';
import { DenseSet } from './dense-set.js';

/** Timeouts that go off in one turn of the event loop, at most: a thousand at once would hold all else up for 75 ms. */
const MAX_EXPIRED_A_TURN = 32;

/** Looks at all that run every `tickMs`: a timeout comes late by that much at most, and to start one costs next to nothing. */
export class SweepingTimekeeper implements Timekeeper {
  readonly now: () => number;
  private readonly running = new DenseSet<IdleTimer>();
  private ticking: Subscription | undefined;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly tickMs: number,
  ) {
    // The wall clock, which is asyncScheduler's, can be set: all timeouts would go off at once, or none for as long.
    this.now = scheduler === asyncScheduler ? () => performance.now() : () => scheduler.now();
  }

  start(timer: IdleTimer): void {
    this.running.add(timer);
    this.ticking ??= this.tick();
  }

  stop(timer: IdleTimer): void {
    this.running.delete(timer);
  }

  private tick(): Subscription {
    return this.scheduler.schedule(() => this.sweep(this.running.snapshot(), 0), this.tickMs);
  }

  /** Goes through the timers from `first` on, and leaves the rest to the next turn when many of them go off. */
  private sweep(timers: readonly IdleTimer[], first: number): void {
    let expired = 0;
    for (let index = first; index < timers.length; index++) {
      const timer = timers[index] as IdleTimer;
      if (timer.setIndex < 0) continue;
      timer.check();
      if (timer.setIndex < 0 && ++expired === MAX_EXPIRED_A_TURN) {
        this.ticking = this.scheduler.schedule(() => this.sweep(timers, index + 1), 0);
        return;
      }
    }
    // Nothing to wait for: an idle server leaves no timer behind.
    this.ticking = this.running.size > 0 ? this.tick() : undefined;
  }
}

/** A tick for timeouts of these lengths: a tenth of the shortest, within reason. */
export function tickFor(timeoutsMs: readonly number[]): number {
  const shortest = Math.min(...timeoutsMs);
  return Math.max(10, Math.min(1000, Math.floor(shortest / 10)));
}
