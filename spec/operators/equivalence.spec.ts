/** `handleScgi` is an optimisation of a pipeline: this proves that they are the same, case by case. */
import { DIFFERENT } from '../helpers/equivalence/equivalence-exceptions.js';
import type { Row } from '../helpers/equivalence/equivalence-handlers.js';
import { EQUAL } from '../helpers/equivalence/equivalence-scenarios.js';
import { runBoth, type Scenario } from '../helpers/equivalence/equivalence.js';

function scenario([, source, handler, more]: Row): Scenario {
  return { source, handler, ...more };
}

describe.each(Object.entries(EQUAL))('handleScgi and its composition, with %s', (_, rows) => {
  it.each(rows)('%s, should do the same', (...row) => {
    const { fused, composed } = runBoth(scenario(row));
    expect(fused).toEqual(composed);
    expect(fused.log).not.toEqual([]);
  });
});

describe.each(Object.entries(DIFFERENT))('handleScgi and its composition, when %s', (_, rows) => {
  it.each(rows)('%s, should differ: the reason is beside the scenario', (...row) => {
    const { fused, composed } = runBoth(scenario(row));
    expect(fused).not.toEqual(composed);
  });
});

it('should compare at least 60 scenarios', () => {
  expect(Object.values(EQUAL).flat().length).toBeGreaterThanOrEqual(60);
});
