/**
 * Two builds of the library against each other, both up at once, in slices of load that alternate. B is the one that is
 * judged: it must not be slower than A by more than 2 %.
 */
import { sameVariables } from './decode.mjs';
import { environmentOf } from './helpers/build.mjs';
import { startHttpLoad } from './helpers/http-load.mjs';
import { microRounds } from './helpers/micro.mjs';
import { startNginx } from './helpers/nginx.mjs';
import { slice } from './helpers/rounds.mjs';

export const title = 'two builds of the library';

const CONNECTIONS = 32;
const PEER = new URL('peers/rxscgi.mjs', import.meta.url);
const CLIENT = new URL('helpers/scgi-client.mjs', import.meta.url);
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
  const load = await startHttpLoad(scope);
  const programs = await startEach(scope, builds, 'unix');
  const sites = programs.map(([, { address }]) => ({ protocol: 'scgi', addresses: [address] }));
  const { urls, stop } = await startNginx(scope, sites);
  const { seconds } = scope.options;
  const sides = programs.map(([name, program], index) => [
    name,
    () => slice(program, () => load(urls[index], CONNECTIONS, seconds)),
  ]);
  report(scope, what, await scope.rounds(Object.fromEntries(sides)));
  await stop();
  await stopAll(programs);
}

async function direct(scope, builds) {
  const { seconds } = scope.options;
  for (const [transport, label] of [
    ['unix', 'Unix'],
    ['tcp', 'TCP'],
  ]) {
    const what = `direct: ${label}, c = ${CONNECTIONS}`;
    if (!scope.begins(what)) continue;
    const client = await scope.start(CLIENT, []);
    const programs = await startEach(scope, builds, transport);
    const sides = programs.map(([name, program]) => {
      const load = { address: program.address, protocol: 'scgi', connections: CONNECTIONS, seconds };
      return [name, () => slice(program, () => client.ask('load', load))];
    });
    report(scope, what, await scope.rounds(Object.fromEntries(sides)));
    await client.stop();
    await stopAll(programs);
  }
}

async function decode(scope, builds) {
  const sides = Object.fromEntries(
    Object.entries(builds).map(([name, env]) => [name, { side: 'operators', env }]),
  );
  for (const { what, size, how } of DECODED) {
    if (!scope.begins(`decode: ${what}`)) continue;
    report(scope, `decode: ${what}`, await microRounds(scope, 'decode', sides, { size, how }, sameVariables));
  }
}

async function startEach(scope, builds, transport) {
  const started = [];
  for (const [name, env] of Object.entries(builds)) {
    const profile = scope.profileName(transport, name);
    started.push([name, await scope.start(PEER, [scope.address(transport)], { env, profile })]);
  }
  return started;
}

async function stopAll(programs) {
  for (const [, program] of programs) await program.stop();
}

function report(scope, what, { rate, cpu }) {
  const key = { benchmark: scope.name, what };
  scope.report.add({ ...key, metric: 'requests/s' }, rate, [['B', '÷', 'A', { atLeast: 0.98 }]]);
  scope.report.add({ ...key, metric: 'µs CPU / request' }, cpu, [['B', '÷', 'A', { atMost: 1.02 }]]);
}
