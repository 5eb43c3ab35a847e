/** How often a property is tried: 1000 times at a desk, as often as RXSCGI_FUZZ_RUNS says in CI. */
export const FUZZ_RUNS = Number(process.env.RXSCGI_FUZZ_RUNS ?? 1000);

// `numRuns: NaN` would run nothing, and pass.
if (!Number.isSafeInteger(FUZZ_RUNS) || FUZZ_RUNS < 1) {
  throw new RangeError(`RXSCGI_FUZZ_RUNS is not a positive integer: ${process.env.RXSCGI_FUZZ_RUNS}`);
}
