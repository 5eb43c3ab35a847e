/** Reproducible random numbers: a generator for each seed. */

/** @returns a function from `n` to a whole number from 0 to `n - 1`. (mulberry32) */
export function randomOf(seed) {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** Picks one of several items. */
export function pick(random, items) {
  return items[random(items.length)];
}
