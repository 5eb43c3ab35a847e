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
 * Paired rounds of several generations of processes: two processes of the same program differ by some percent for all of their
 * lives, by what was compiled when and where their memory lies.
 *
 * @param measure - starts the processes, and measures them in paired rounds. @returns a Promise of the samples.
 * @returns the samples of all, in order.
 */
export async function pairedGenerations(generations, measure) {
  const all = {};
  for (let i = 0; i < generations; i++) {
    for (const [metric, samples] of Object.entries(await measure())) {
      all[metric] ??= {};
      for (const [side, values] of Object.entries(samples)) (all[metric][side] ??= []).push(...values);
    }
  }
  return all;
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
  // A busy machine may not answer a single one in so short a time.
  if (requests === 0) return slice(program, send);
  const cpu = (await program.ask('cpu')) - before;
  return { rate: requests / seconds, cpu: cpu / requests };
}
