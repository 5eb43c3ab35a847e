/** Connections that are still open on the server. */
import { until } from './until.mjs';

/** Waits for connections to close. @returns 0, or how many are open after `withinMs`. */
export async function openConnections(app, withinMs = 1000) {
  const openNow = async () => (await app.ask('tally')).open;
  await until(async () => (await openNow()) === 0, withinMs);
  return openNow();
}
