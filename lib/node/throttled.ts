/** Says a thing once in a while, however often it happens. */
import { asyncScheduler } from 'rxjs';
import { clockOf } from '../operators/clock.js';

const clock = clockOf(asyncScheduler);

/** A function that calls `action` at most once every `ms` milliseconds, and drops the calls between. */
export function throttled<A extends unknown[]>(
  ms: number,
  action: (...args: A) => void,
): (...args: A) => void {
  let last = -Infinity;
  return (...args) => {
    const now = clock();
    if (now - last < ms) return;
    last = now;
    action(...args);
  };
}
