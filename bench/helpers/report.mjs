/** Collects what was measured, and judges it by the bounds. */
import { paired, summary } from './statistics.mjs';

const HOLDS = {
  atMost: (value, bound) => value <= bound,
  atLeast: (value, bound) => value >= bound,
};
/** With fewer, a median is a guess. */
export const ENOUGH_ROUNDS = 5;
const COMBINE = {
  '÷': (a, b) => a / b,
  '−': (a, b) => a - b,
};

export class Report {
  rows = [];
  missing = new Map();

  /**
   * Adds the rows of one metric: each side's figures, then what sides are to each other.
   *
   * @param what - `{ benchmark, what, metric }`: names; the metric with its unit.
   * @param samples - from a side's name to its samples, one a round.
   * @param comparisons - `[side, '÷' | '−', other, bound?]`, the bound as `{ atMost }` or `{ atLeast }`, of the median of
   * what the rounds give. Those with a side that was not measured are left out.
   */
  add(what, samples, comparisons = []) {
    for (const [side, values] of Object.entries(samples)) this.#push({ ...what, side, values });
    for (const [side, sign, other, bound] of comparisons) {
      if (!samples[side] || !samples[other]) continue;
      const values = paired(samples[side], samples[other], COMBINE[sign]);
      this.#push({ ...what, side, sign, other, values, bound });
    }
  }

  /** Adds one row that has a bound by itself. */
  judge(what, side, values, bound) {
    this.#push({ ...what, side, values, bound });
  }

  /** Something that could not be measured, and how to get what it needs. */
  miss(what, howToGet) {
    this.missing.set(what, howToGet);
  }

  get broken() {
    return this.rows.filter(({ verdict }) => verdict === 'MISS');
  }

  #push({ bound, ...row }) {
    const figures = summary(row.values);
    const kind = bound && Object.keys(bound)[0];
    const verdict = bound && verdictOn(row.values.length, HOLDS[kind](figures.median, bound[kind]));
    this.rows.push({ ...row, ...figures, bound: bound && { [kind]: bound[kind] }, verdict });
  }
}

function verdictOn(rounds, holds) {
  if (rounds < ENOUGH_ROUNDS) return 'too few';
  return holds ? 'pass' : 'MISS';
}
