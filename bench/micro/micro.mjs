/** Micro-benchmarks: the sides of one subject, each in a process of its own and warmed up, in alternating batches. */
const SIDE = new URL('micro-side.mjs', import.meta.url);
const BATCH_MICROS = 100_000;

/**
 * @param subject - a module of subjects/.
 * @param sides - names of the subject's sides; or an object from any names to `{ side, env }`, the environment of the process.
 * @param equal - compares the results of two sides: a side that does less is not faster.
 * @returns the samples of each side, one per round: `cpu` in microseconds per run, `rate` in runs per second.
 */
export function microRounds(scope, subject, sides, parameters, equal) {
  const plans = Array.isArray(sides) ? Object.fromEntries(sides.map((side) => [side, { side }])) : sides;
  const names = Object.keys(plans);
  const url = new URL(`./subjects/${subject}.mjs`, import.meta.url).href;
  return scope.generations(async () => {
    const programs = {};
    for (const [name, { side, env }] of Object.entries(plans)) {
      const profile = scope.profileName(name, ...Object.values(parameters));
      programs[name] = await scope.start(SIDE, [url, side, JSON.stringify(parameters)], { profile, env });
    }
    const results = await Promise.all(names.map((name) => programs[name].ask('result')));
    for (const [index, name] of names.entries()) {
      if (!equal(results[index], results[0]))
        throw new Error(`${name} gives another result than ${names[0]}`);
    }
    for (const name of names) await programs[name].ask('warmUp', BATCH_MICROS);
    return {
      sides: Object.fromEntries(names.map((name) => [name, () => programs[name].ask('batch')])),
      async stop() {
        for (const program of Object.values(programs)) await program.stop();
      },
    };
  });
}
