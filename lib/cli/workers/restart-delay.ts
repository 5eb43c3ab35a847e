/** How long a worker that died is waited for: a crash once in a while costs nothing, a crash at every start is slowed down. */

/** Who has lived so long did not die of how it starts. */
const STEADY_MS = 10_000;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 30_000;

/**
 * How many deaths in a row there were, the last one included.
 *
 * @param before - those before it.
 * @param livedMs - from the start of the worker to its death.
 */
export function deathsInARow(before: number, livedMs: number): number {
  return livedMs < STEADY_MS ? before + 1 : 1;
}

/** Nothing after the first death; then 250 ms, twice as long each time, up to 30 s. */
export function restartDelayMs(deaths: number): number {
  if (deaths <= 1) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** (deaths - 2), MAX_DELAY_MS);
}
