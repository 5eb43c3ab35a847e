/** What is still open on the side of the server. */
import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 20;

/** Connections that the server has open once those that are about to close have: 0, or those left after `withinMs`. */
export async function openConnections(app, withinMs = 1000) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { open } = await app.ask('tally');
    if (open === 0 || performance.now() > deadline) return open;
    await delay(POLL_INTERVAL_MS);
  }
}
