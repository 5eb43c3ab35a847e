/** How the cost grows with the size of the input. It must be proportional, or a peer could make the server work arbitrarily hard. */
import { microRounds } from '../micro/micro.mjs';
import { OURS } from '../helpers/peers.mjs';
import { slice } from '../helpers/rounds.mjs';
import { GENERATIONS } from '../helpers/scope.mjs';
import { exponent, line } from '../report/statistics.mjs';
import { SIZES } from '../micro/subjects/growth.mjs';

export const title = 'cost against the size of the input';

/** Exponent of the size: 1 is linear, 2 is quadratic. The margin above 1 is for inputs that no longer fit into caches. */
const MAX_EXPONENT = 1.25;

const ROUNDS = 9;
const CONNECTIONS = [250, 500, 1000, 2000, 4000];
/** Connections in a sample, however many are open at once. */
const CONNECTIONS_IN_ALL = 4000;
/** Open and silent while others send requests. */
const IDLE = [1, 100, 1000, 10_000];
const LOAD = { protocol: 'scgi', connections: 32 };
const CLIENT = new URL('../load/scgi-client.mjs', import.meta.url);
const SERVER = new URL('../peers/ours/rxscgi.mjs', import.meta.url);

export async function run(scope) {
  for (const [series, sizes] of Object.entries(SIZES)) {
    if (!scope.begins(series)) continue;
    const { cpu } = await microRounds(scope, 'growth', sizes.map(String), { series }, () => true);
    report(scope, series, cpu, GENERATIONS);
  }
  const opened = 'connections open at once';
  if (scope.begins(opened)) report(scope, opened, await connectionRounds(scope));
  const idle = 'idle connections beside a request';
  if (scope.begins(idle)) report(scope, idle, await idleRounds(scope));
}

/** @param samples - the microseconds of each size, one per round, of so many generations of processes. */
function report(scope, what, samples, generations = 1) {
  const key = { benchmark: scope.name, what };
  const named = Object.entries(samples).map(([size, values]) => [
    Number(size).toLocaleString('en-US'),
    values,
  ]);
  scope.report.add({ ...key, metric: 'µs CPU' }, Object.fromEntries(named));
  const rounds = Object.values(samples)[0].map((_, round) =>
    Object.entries(samples).map(([size, values]) => [Number(size), values[round]]),
  );
  const slopes = rounds.map((points) => line(points).slope * 1000);
  scope.report.judge({ ...key, metric: 'slope, ns for each' }, OURS, slopes, undefined, generations);
  const exponents = rounds.map(exponent);
  scope.report.judge({ ...key, metric: 'exponent' }, OURS, exponents, { atMost: MAX_EXPONENT }, generations);
}

/** Opens the connections, then sends a request on each, and waits until all are answered and closed. */
async function connectionRounds(scope) {
  const profile = scope.profileName('connections');
  const server = await scope.start(SERVER, [scope.address('tcp')], { profile });
  const client = await scope.start(CLIENT, []);
  const { address } = server;
  const pipes = await server.ask('sockets');

  const sides = CONNECTIONS.map((connections) => [String(connections), () => once(connections)]);
  return (await scope.rounds(Object.fromEntries(sides), { rounds: ROUNDS })).micros;

  async function once(connections) {
    const times = CONNECTIONS_IN_ALL / connections;
    const before = await server.ask('cpu');
    for (let i = 0; i < times; i++) {
      await client.ask('hold', { address, protocol: 'scgi', share: 0, connections });
      await server.ask('awaitSockets', pipes + connections);
      await client.ask('finish', { protocol: 'scgi' });
      await server.ask('awaitSockets', pipes);
    }
    return { micros: ((await server.ask('cpu')) - before) / times };
  }
}

/** Holds idle connections, and measures the CPU of a request on another connection. */
async function idleRounds(scope) {
  const server = await scope.start(SERVER, [scope.address('tcp')]);
  const holder = await scope.start(CLIENT, []);
  const client = await scope.start(CLIENT, []);
  const { address } = server;
  const { seconds } = scope.options;
  const sides = IDLE.map((connections) => [String(connections), () => once(connections)]);
  return (await scope.rounds(Object.fromEntries(sides), { rounds: ROUNDS })).cpu;

  async function once(connections) {
    await holder.ask('hold', { address, protocol: 'scgi', share: 0, connections });
    const { cpu } = await slice(server, () => client.ask('load', { ...LOAD, address, seconds }));
    await holder.ask('release');
    return { cpu };
  }
}
