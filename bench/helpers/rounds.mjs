/** Paired rounds: every side once a round, so that a ratio compares what was measured next to each other. */

/**
 * @param sides - from a side's name to what measures it once: `{ metric: number }` or a Promise of it.
 * @param warmUps - rounds before, that do not count.
 * @returns from a metric to the sides' samples, one a round.
 */
export async function pairedRounds(sides, rounds, warmUps = 1) {
  const names = Object.keys(sides);
  const samples = {};
  for (let round = -warmUps; round < rounds; round++) {
    // Turned round every other time: whoever comes second may find the machine warmer, or throttled.
    const order = round % 2 === 0 ? names : [...names].reverse();
    for (const name of order) {
      const metrics = await sides[name]();
      if (round < 0) continue;
      for (const [metric, value] of Object.entries(metrics)) {
        samples[metric] ??= Object.fromEntries(names.map((each) => [each, []]));
        samples[metric][name].push(value);
      }
    }
  }
  return samples;
}
