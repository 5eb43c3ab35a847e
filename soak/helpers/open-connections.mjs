/** What is still open on the side of the server. */
import { until } from './until.mjs';

/** Connections that the server has open once those that are about to close have: 0, or those left after `withinMs`. */
export async function openConnections(app, withinMs = 1000) {
  const openNow = async () => (await app.ask('tally')).open;
  await until(async () => (await openNow()) === 0, withinMs);
  return openNow();
}
