/** The timeouts of all connections by one timer. */
import type { SchedulerLike, Subscription } from 'rxjs';
import type { IdleTimer, Timekeeper } from '../operators/idle-timer.js';
import { DenseSet } from './dense-set.js';

/** Looks at all that run every `tickMs`: a timeout comes late by that much at most, and to start one costs next to nothing. */
export class SweepingTimekeeper implements Timekeeper {
  private readonly running = new DenseSet<IdleTimer>();
  private ticking: Subscription | undefined;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly tickMs: number,
  ) {}

  now(): number {
    return this.scheduler.now();
  }

  start(timer: IdleTimer): void {
    this.running.add(timer);
    this.ticking ??= this.tick();
  }

  stop(timer: IdleTimer): void {
    this.running.delete(timer);
  }

  private tick(): Subscription {
    return this.scheduler.schedule(() => {
      for (const timer of this.running.snapshot()) if (timer.setIndex >= 0) timer.check();
      // Nothing to wait for: an idle server leaves no timer behind.
      this.ticking = this.running.size > 0 ? this.tick() : undefined;
    }, this.tickMs);
  }
}

/** A tick for timeouts of these lengths: a tenth of the shortest, within reason. */
export function tickFor(timeoutsMs: readonly number[]): number {
  const shortest = Math.min(...timeoutsMs);
  return Math.max(10, Math.min(1000, Math.floor(shortest / 10)));
}
