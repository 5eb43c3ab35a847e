/** The statistics that judge the benchmarks: what they must tell apart, and what they must not. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const MODULE = join(__dirname, '../../bench/report/statistics.mjs');
const SLICES = 60;

interface Judged {
  readonly interval: readonly [number, number];
  readonly verdict: string;
}

/** A process of its own, because Jest cannot import an ES module. */
function judge(groups: readonly (readonly number[])[], bound: object): Judged {
  const program = `
    import { interval, verdictOn } from ${JSON.stringify(MODULE)};
    const range = interval(${JSON.stringify(groups)});
    console.log(JSON.stringify({ interval: range, verdict: verdictOn(range, ${JSON.stringify(bound)}) }));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program]);
  return JSON.parse(output.toString()) as Judged;
}

/** Ratios around a median, `spread` apart on both sides, and some slices that were disturbed. */
function ratios(median: number, spread: number): number[] {
  const steps = Array.from({ length: SLICES - 4 }, (_, i) => median + spread * (i / (SLICES - 5) - 0.5));
  return [...steps, median / 3, median / 2, median * 2, median * 3];
}

describe('the statistics of the benchmarks', () => {
  it.each([
    ['pass', 1, 0.06, { atLeast: 0.98 }],
    ['pass', 1, 0.06, { atMost: 1.02 }],
    ['miss', 0.95, 0.06, { atLeast: 0.98 }],
    ['miss', 1.05, 0.06, { atMost: 1.02 }],
    ['cannot tell', 0.98, 0.06, { atLeast: 0.98 }],
    ['cannot tell', 1, 0.6, { atMost: 1.02 }],
  ])('should say "%s" of a median of %d with a spread of %d for %o', (verdict, median, spread, bound) => {
    expect(judge([ratios(median, spread)], bound).verdict).toBe(verdict);
  });

  it('should give the same interval for the same samples, and one that contains their median', () => {
    const samples = [ratios(1, 0.1)];
    const first = judge(samples, {});
    expect(judge(samples, {})).toEqual(first);
    const [low, high] = first.interval;
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
    // About the middle third of the samples: that is what the order statistics of 60 samples say.
    expect(high - low).toBeLessThan(0.04);
  });

  it('should know less when the samples come from a few processes that differ', () => {
    const processes = [0.94, 0.97, 1, 1.03, 1.06, 1.09].map((median) =>
      Array.from({ length: 10 }, (_, i) => median + 0.002 * i),
    );
    const [low, high] = judge(processes, {}).interval;
    const [lowFlat, highFlat] = judge([processes.flat()], {}).interval;
    expect(high - low).toBeGreaterThan(1.2 * (highFlat - lowFlat));
  });
});
