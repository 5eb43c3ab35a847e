/** What durations are measured by. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';

/**
 * A scheduler's clock, for the difference between two of its times.
 *
 * `asyncScheduler` tells the wall clock. When that is set, all timeouts would go off at once, or none for as long; so the
 * clock that cannot be set takes its place, where there is one. In virtual time `asyncScheduler` tells that, which counts.
 *
 * @returns what tells the milliseconds since some moment.
 */
export function clockOf(scheduler: SchedulerLike): () => number {
  if (scheduler !== asyncScheduler) return () => scheduler.now();
  return () => {
    const now = asyncScheduler.now();
    return isWallTime(now) ? (monotonicMs() ?? now) : now;
  };
}

/** Whether it is this moment, or was just now: virtual time begins at 0. */
function isWallTime(ms: number): boolean {
  // eslint-disable-next-line no-restricted-properties -- only to know it from virtual time
  return Math.abs(Date.now() - ms) < 1000;
}

/** The Web has it, and so has Node.js; ECMAScript has not. */
function monotonicMs(): number | undefined {
  // eslint-disable-next-line no-restricted-globals -- what a test replaces is the scheduler
  return typeof performance === 'undefined' ? undefined : performance.now();
}
