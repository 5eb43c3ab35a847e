/** Micro-benchmarks: sides of one subject, each in a process of its own, warmed, in alternating batches. */
const SIDE = new URL('micro-side.mjs', import.meta.url);
const BATCH_MICROS = 100_000;
/** Samples a round: a collection more or less in one batch weighs less. */
const BATCHES = 3;

/**
 * @param subject - a module of subjects/.
 * @param equal - compares what the sides make of their input: a side that does less is not faster.
 * @returns microseconds of CPU for one run, by side.
 */
export async function microRounds(scope, subject, sides, parameters, equal) {
  const programs = {};
  try {
    for (const side of sides) {
      const profile = scope.profileName(side, ...Object.values(parameters));
      const url = new URL(`../subjects/${subject}.mjs`, import.meta.url).href;
      programs[side] = await scope.start(SIDE, [url, side, JSON.stringify(parameters)], { profile });
    }
    const results = await Promise.all(sides.map((side) => programs[side].ask('result')));
    for (const [index, side] of sides.entries()) {
      if (!equal(results[index], results[0]))
        throw new Error(`${side} gives another result than ${sides[0]}`);
    }
    for (const side of sides) await programs[side].ask('warmUp', BATCH_MICROS);
    const measure = Object.fromEntries(
      sides.map((side) => [side, async () => ({ micros: await mean(programs[side]) })]),
    );
    return (await scope.rounds(measure)).micros;
  } finally {
    for (const program of Object.values(programs)) await program.stop();
  }
}

async function mean(program) {
  let sum = 0;
  for (let i = 0; i < BATCHES; i++) sum += await program.ask('batch');
  return sum / BATCHES;
}
