/** Collects the measurements, and judges them by their bounds. */
import { interval, paired, shares, summary, verdictOn } from './statistics.mjs';

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
   * Adds the rows of one metric: the figures of each side, then the comparisons.
   *
   * @param what - `{ benchmark, what, metric }`: names; the metric with its unit.
   * @param samples - the samples of each side, one per round. They consist of equal shares, one for each of `generations` of
   * processes.
   * @param comparisons - `[side, '÷' | '−', other, bound?]`, the bound as `{ atMost }` or `{ atLeast }`. It is judged by the
   * 95 % interval of the median of the rounds. Comparisons with a side that was not measured are left out.
   */
  add(what, samples, comparisons = [], generations = 1) {
    for (const [side, values] of Object.entries(samples)) this.#push({ ...what, side, values });
    for (const [side, sign, other, bound] of comparisons) {
      if (!samples[side] || !samples[other]) continue;
      const values = paired(samples[side], samples[other], COMBINE[sign]);
      this.#push({ ...what, side, sign, other, values, bound, generations });
    }
  }

  /** Adds one row with a bound of its own. @param generations - as for `add`. */
  judge(what, side, values, bound, generations = 1) {
    this.#push({ ...what, side, values, bound, generations });
  }

  /** Notes what could not be measured, and how to get what it needs. */
  miss(what, howToGet) {
    this.missing.set(what, howToGet);
  }

  get broken() {
    return this.rows.filter(({ verdict }) => verdict === 'miss');
  }

  #push({ bound, generations = 1, ...row }) {
    const range = interval(shares(row.values, generations));
    const verdict = bound && (row.values.length < ENOUGH_ROUNDS ? 'too few' : verdictOn(range, bound));
    this.rows.push({ ...row, ...summary(row.values), interval: range, bound, verdict });
  }
}
