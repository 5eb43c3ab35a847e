/** The statistics that judge the benchmarks: what they must tell apart, and what they must not. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const MODULE = join(__dirname, '../../bench/report/statistics.mjs');
const RANDOM = join(__dirname, '../../bench/shared/random.mjs');
const SLICES = 60;

interface Judged {
  readonly interval: readonly [number, number];
  readonly verdict: string;
}

function judge(groups: readonly (readonly number[])[], bound: object): Judged {
  return evaluate(`((range) => ({ interval: range, verdict: verdictOn(range, ${JSON.stringify(bound)}) }))(
    interval(${JSON.stringify(groups)}))`) as Judged;
}

/**
 * Many measurements of 8 processes with 8 slices each, normally distributed around 1.
 *
 * @param between - the standard deviation of the processes; `within`, of the slices of one process.
 * @returns the share of the intervals that hold 1, and of those that do not pass a bound 5 % above.
 */
function simulate(between: number, within: number): { held: number; missed: number } {
  return evaluate(`(() => {
    const uniform = randomOf(7);
    const normal = (deviation) => {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += uniform(2 ** 20) / 2 ** 20;
      return deviation * sum;
    };
    const ranges = Array.from({ length: 60 }, () => interval(Array.from({ length: 8 }, () => {
      const process = 1 + normal(${between});
      return Array.from({ length: 8 }, () => process + normal(${within}));
    })));
    const share = (test) => ranges.filter(test).length / ranges.length;
    return {
      held: share(([low, high]) => low <= 1 && 1 <= high),
      missed: share((range) => verdictOn(range, { atLeast: 1.05 }) !== 'pass'),
    };
  })()`) as { held: number; missed: number };
}

/** Evaluates an expression with what the module exports, in a process of its own, because Jest cannot import an ES module. */
function evaluate(expression: string): unknown {
  const program = `
    import { exponent, interval, line, verdictOn } from ${JSON.stringify(MODULE)};
    import { randomOf } from ${JSON.stringify(RANDOM)};
    console.log(JSON.stringify(${expression}));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program]);
  return JSON.parse(output.toString());
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

  it.each([
    ['alike', 0, 0.03, 0.95],
    ['a little different', 0.01, 0.03, 0.93],
    ['more different than their slices', 0.03, 0.01, 0.85],
  ])('should hold the true median, with processes that are %s', (_how, between, within, least) => {
    const { held, missed } = simulate(between, within);
    expect(held).toBeGreaterThanOrEqual(least);
    // What is 5 % below its bound is hardly ever a pass.
    expect(missed).toBeGreaterThanOrEqual(0.98);
  });

  it('should find the slope of a line, and the exponent of a power', () => {
    expect(evaluate('line([[1, 5], [2, 7], [4, 11]])')).toEqual({ slope: 2, intercept: 3 });
    expect(evaluate('exponent([[1, 3], [10, 30], [100, 300]])')).toBeCloseTo(1, 10);
    expect(evaluate('exponent([[1, 3], [2, 12], [4, 48]])')).toBeCloseTo(2, 10);
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
