/**
 * Two builds of the library against each other, both up at once, in slices of load that alternate. B is the one that is
 * judged: it must not be slower than A by more than 2 %.
 */
import { sameVariables } from '../micro/decode.mjs';
import { environmentOf } from '../helpers/build.mjs';
import { httpLoad } from '../load/http-load.mjs';
import { microRounds } from '../micro/micro.mjs';
import { slice } from '../helpers/rounds.mjs';
import { GENERATIONS } from '../helpers/scope.mjs';

export const title = 'two builds of the library';

const CONNECTIONS = 32;
const PEER = new URL('../peers/ours/rxscgi.mjs', import.meta.url);
const CLIENT = new URL('../load/scgi-client.mjs', import.meta.url);
const DECODED = [
  { what: 'typical, one chunk', size: 'typical', how: 'whole' },
  { what: 'typical, byte by byte', size: 'typical', how: '1' },
  { what: '64 kB, 1 400-byte chunks', size: '64 kB', how: '1400' },
];
const PARTS = { 'behind-nginx': behindNginx, direct, decode };
export const PART_NAMES = Object.keys(PARTS);

/** Reads `options.builds`, the folders of A and B, and `options.parts`, names of what is measured. */
export async function run(scope) {
  const [A, B] = scope.options.builds.map(environmentOf);
  for (const part of scope.options.parts) await PARTS[part](scope, { A, B });
}

async function behindNginx(scope, builds) {
  const what = `behind-nginx: Unix, c = ${CONNECTIONS}`;
  if (!scope.begins(what)) return;
  const load = httpLoad();
  // Each generation listens at the same addresses, for nginx.
  const addresses = Object.fromEntries(Object.keys(builds).map((name) => [name, scope.address('unix')]));
  const sites = Object.values(addresses).map((address) => ({ protocol: 'scgi', addresses: [address] }));
  const { urls, stop } = await scope.nginx(sites);
  await measureEach(scope, what, builds, addresses, (_, index) =>
    load(urls[index], CONNECTIONS, scope.options.seconds),
  );
  await stop();
}

async function direct(scope, builds) {
  const { seconds } = scope.options;
  for (const transport of ['unix', 'tcp']) {
    const what = `direct: ${transport === 'tcp' ? 'TCP' : 'Unix'}, c = ${CONNECTIONS}`;
    if (!scope.begins(what)) continue;
    const client = await scope.start(CLIENT, []);
    const addresses = Object.fromEntries(Object.keys(builds).map((name) => [name, scope.address(transport)]));
    await measureEach(scope, what, builds, addresses, ({ address }) =>
      client.ask('load', { address, protocol: 'scgi', connections: CONNECTIONS, seconds }),
    );
    await client.stop();
  }
}

/** @param send - sends a slice of load to the program of a build; its second argument is the index of the build. */
async function measureEach(scope, what, builds, addresses, send) {
  const samples = await scope.generations(async () => {
    const programs = {};
    for (const [name, env] of Object.entries(builds)) {
      const profile = scope.profileName(what, name);
      programs[name] = await scope.start(PEER, [addresses[name]], { env, profile });
    }
    const sides = Object.entries(programs).map(([name, program], index) => [
      name,
      () => slice(program, () => send(program, index)),
    ]);
    const stop = async () => {
      for (const program of Object.values(programs)) await program.stop();
    };
    return { sides: Object.fromEntries(sides), stop };
  });
  const key = { benchmark: scope.name, what };
  scope.report.add(
    { ...key, metric: 'requests/s' },
    samples.rate,
    [['B', '÷', 'A', { atLeast: 0.98 }]],
    GENERATIONS,
  );
  reportCpu(scope, what, samples.cpu);
}

/** Judged by CPU alone: in memory nothing waits, so that elapsed time would only show the other load of the machine. */
async function decode(scope, builds) {
  const sides = Object.fromEntries(
    Object.entries(builds).map(([name, env]) => [name, { side: 'operators', env }]),
  );
  for (const { what, size, how } of DECODED) {
    if (!scope.begins(`decode: ${what}`)) continue;
    const { cpu } = await microRounds(scope, 'decode', sides, { size, how }, sameVariables);
    reportCpu(scope, `decode: ${what}`, cpu);
  }
}

function reportCpu(scope, what, cpu) {
  const key = { benchmark: scope.name, what, metric: 'µs CPU / request' };
  scope.report.add(key, cpu, [['B', '÷', 'A', { atMost: 1.02 }]], GENERATIONS);
}
