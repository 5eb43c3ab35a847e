/** What durations are measured by. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';

/** Virtual time begins at 0, and no test takes three years of it; the wall clock counts from 1970. */
const VIRTUAL_BELOW_MS = 1e11;

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
    return now < VIRTUAL_BELOW_MS ? now : (monotonicMs() ?? now);
  };
}

/** The Web has it, and so has Node.js; ECMAScript has not. */
function monotonicMs(): number | undefined {
  return typeof performance === 'undefined' ? undefined : performance.now();
}
