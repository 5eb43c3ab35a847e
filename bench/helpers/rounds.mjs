/** Paired rounds: every side once a round, so that a ratio compares slices that were measured next to each other. */

/**
 * @param sides - from a side's name to what measures it once: `{ metric: number }` or a Promise of it.
 * @param rounds - how many count.
 * @param warmUps - rounds before them that do not.
 * @returns from a metric to the sides' samples, one a round.
 */
export async function pairedRounds(sides, rounds, warmUps) {
  const names = Object.keys(sides);
  const samples = {};
  for (let round = -warmUps; round < rounds; round++) {
    // In reverse every other time: the second side may find the machine warmer, or throttled.
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

/**
 * One slice of load.
 *
 * @param send - sends it. @returns a Promise of `{ requests, seconds }`.
 * @returns `rate` in requests a second; `cpu` in microseconds of the program a request.
 */
export async function slice(program, send) {
  const before = await program.ask('cpu');
  const { requests, seconds } = await send();
  const cpu = (await program.ask('cpu')) - before;
  return { rate: requests / seconds, cpu: cpu / requests };
}
