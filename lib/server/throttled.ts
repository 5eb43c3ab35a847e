/** Says a thing once in a while, however often it happens. */

/** A function that calls `action` at most once every `ms` milliseconds, and drops the calls between. */
export function throttled<A extends unknown[]>(
  ms: number,
  action: (...args: A) => void,
): (...args: A) => void {
  let last = -Infinity;
  return (...args) => {
    const now = performance.now();
    if (now - last < ms) return;
    last = now;
    action(...args);
  };
}
