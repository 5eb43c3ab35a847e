/** Paired rounds measure every side once per round, so that a ratio compares slices measured next to each other. */

/**
 * @param sides - a function for each side, which measures it once: `{ metric: number }` or a Promise of it.
 * @param rounds - the number of rounds that count.
 * @param warmUps - the number of rounds before them, which do not count.
 * @returns for each metric the samples of each side, one per round.
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
 * Measures paired rounds with several generations of processes. Two processes of the same program differ by some percent for
 * their whole lives, depending on what was compiled when, and on the layout of their memory.
 *
 * @param measure - starts the processes, and measures them in paired rounds. @returns a Promise of the samples.
 * @returns the samples of all generations, in order.
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
 * Measures one slice of load.
 *
 * @param send - sends it. @returns a Promise of `{ requests, seconds }`.
 * @returns `rate` in requests per second; `cpu` in microseconds of the program per request.
 */
export async function slice(program, send) {
  const before = await program.ask('cpu');
  const { requests, seconds } = await send();
  // On a busy machine a slice may be too short for a single request.
  if (requests === 0) return slice(program, send);
  const cpu = (await program.ask('cpu')) - before;
  return { rate: requests / seconds, cpu: cpu / requests };
}
