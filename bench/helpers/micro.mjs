/** Micro-benchmarks: sides of one subject, each in a process of its own, warmed up, in alternating batches. */
const SIDE = new URL('micro-side.mjs', import.meta.url);
const BATCH_MICROS = 100_000;

/**
 * @param subject - a module of subjects/.
 * @param sides - the subject's sides, by name; or from any name to `{ side, env }`, the environment of its process.
 * @param equal - compares what the sides make of their input: a side that does less is not faster.
 * @param rounds - measures the sides; by default as often as the scope says.
 * @returns samples by side, one a round: `cpu` in microseconds a run, and `rate` in runs a second.
 */
export async function microRounds(scope, subject, sides, parameters, equal, rounds = inScope) {
  const programs = {};
  const plans = Array.isArray(sides) ? Object.fromEntries(sides.map((side) => [side, { side }])) : sides;
  const names = Object.keys(plans);
  const url = new URL(`../subjects/${subject}.mjs`, import.meta.url).href;
  try {
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
    return await rounds(
      scope,
      Object.fromEntries(names.map((name) => [name, () => programs[name].ask('batch')])),
    );
  } finally {
    for (const program of Object.values(programs)) await program.stop();
  }
}

function inScope(scope, sides) {
  return scope.rounds(sides);
}
