/** Waits for a condition that no event tells. */
import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 20;

/** @returns whether `condition`, which may be asynchronous, held within `withinMs`. */
export async function until(condition, withinMs) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() > deadline) return false;
    await delay(POLL_INTERVAL_MS);
  }
}
