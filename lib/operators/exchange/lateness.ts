/** The event loop runs timers before it reads from sockets: after a busy time, a timeout would count what has come as missing. */
import type { Unsubscribable } from 'rxjs';

/** How long a late check waits, so that the event loop reads before it. */
const CATCH_UP_MS = 10;

/** What is used of a scheduler. */
export interface Clock {
  now(): number;
  schedule(work: () => void, ms: number): Unsubscribable;
}

/**
 * Calls `check` after `ms`, with the time as of which to judge. In real time, where nothing is exact, it is called once more has been
 * read, and judges as of before: what has come until then is there, and a second busy time changes nothing.
 */
export function checkAfter(clock: Clock, ms: number, check: (asOf: number) => void): Unsubscribable {
  const due = clock.now() + ms;
  let action = clock.schedule(() => {
    const asOf = clock.now();
    if (asOf > due) action = clock.schedule(() => check(asOf), CATCH_UP_MS);
    else check(asOf);
  }, ms);
  return { unsubscribe: () => action.unsubscribe() };
}
