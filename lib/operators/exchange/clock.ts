/** The clock by which durations are measured. */
import { asyncScheduler, type SchedulerLike } from 'rxjs';

/** Virtual time begins at 0, and no test takes three years of it; the wall clock counts from 1970. */
const VIRTUAL_BELOW_MS = 1e11;

/**
 * The clock of a scheduler, for the difference between two of its times.
 *
 * `asyncScheduler` reads the wall clock. When somebody sets that, all timeouts would fire at once, or none for as long; so
 * the monotonic clock takes its place, where there is one. In virtual time `asyncScheduler` reads virtual time, which counts.
 *
 * @returns a function that returns milliseconds since some moment.
 */
export function clockOf(scheduler: SchedulerLike): () => number {
  if (scheduler !== asyncScheduler) return () => scheduler.now();
  return () => {
    const now = asyncScheduler.now();
    return isVirtual(now) ? now : (monotonicMs() ?? now);
  };
}

/** Whether `asyncScheduler` runs in virtual time now. */
export function isVirtualTime(): boolean {
  return isVirtual(asyncScheduler.now());
}

function isVirtual(now: number): boolean {
  return now < VIRTUAL_BELOW_MS;
}

/** Browsers and Node.js have `performance`; ECMAScript does not. */
function monotonicMs(): number | undefined {
  return typeof performance === 'undefined' ? undefined : performance.now();
}
