/** Runs the timeouts of all connections on one timer. */
import { asyncScheduler, type Unsubscribable } from 'rxjs';
import type { TimedTask, Timekeeper } from '../operators/exchange/idle-timer.js';
import { checkAfter, type Clock } from '../operators/exchange/lateness.js';
import { DenseSet } from './dense-set.js';

/** Timeouts that may expire in one turn of the event loop: a thousand at once would block it for 75 ms. */
const MAX_EXPIRED_A_TURN = 32;

/** Checks all running timers every `tickMs`: a timeout is late by little more than that, and starting one costs almost nothing. */
export class SweepingTimekeeper implements Timekeeper {
  readonly now: () => number;
  private readonly running = new DenseSet<TimedTask>();
  private readonly clock: Clock;
  private ticking: Unsubscribable | undefined;

  constructor(
    scheduler: Clock,
    private readonly tickMs: number,
  ) {
    // asyncScheduler uses the wall clock. When that is set, all timeouts would expire at once, or none for a long time.
    this.now = scheduler === asyncScheduler ? () => performance.now() : () => scheduler.now();
    this.clock = { now: this.now, schedule: (work, ms) => scheduler.schedule(work, ms) };
  }

  /** Whether no timer runs. */
  get idle(): boolean {
    return this.running.size === 0;
  }

  start(timer: TimedTask): void {
    this.running.add(timer);
    this.ticking ??= this.tick();
  }

  stop(timer: TimedTask): void {
    this.running.delete(timer);
  }

  private tick(): Unsubscribable {
    return checkAfter(this.clock, this.tickMs, (asOf) => this.sweep(this.running.snapshot(), 0, asOf));
  }

  /** Checks the timers from `first` on. When many expire, the rest is checked in the next turn of the event loop. */
  private sweep(timers: readonly TimedTask[], first: number, asOf: number): void {
    let expired = 0;
    for (let index = first; index < timers.length; index++) {
      const timer = timers[index] as TimedTask;
      if (timer.setIndex < 0) continue;
      timer.check(asOf);
      if (timer.setIndex < 0 && ++expired === MAX_EXPIRED_A_TURN) {
        this.ticking = this.clock.schedule(() => this.sweep(timers, index + 1, asOf), 0);
        return;
      }
    }
    // An idle server leaves no timer behind.
    this.ticking = this.running.size > 0 ? this.tick() : undefined;
  }
}

/** Returns a tick for timeouts of these lengths: a tenth of the shortest, from 10 to 1 000 ms. */
export function tickFor(timeoutsMs: readonly number[]): number {
  const shortest = Math.min(...timeoutsMs);
  return Math.max(10, Math.min(1000, Math.floor(shortest / 10)));
}
