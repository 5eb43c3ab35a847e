/**
 * 2,000 connections that have sent nothing cost at most as much memory as they cost a server of `node:http`.
 *
 * Each server runs three times, in turn, in a new process that has already answered one request. The medians are compared: the
 * memory with the connections, and what the connections have added. Processes of one program differ by 1 MiB, which is more than the
 * two servers do: where ours has more of anything, both run twelve times more, and the medians of all runs count. The heap as a whole
 * is only noted, because RxJS and this library take 2.5 MiB of it before the first connection, whereas node:http is part of the
 * program file.
 */
import { once } from 'node:events';
import { median } from '../../bench/shared/figures.mjs';
import { mib } from '../helpers/figures.mjs';
import { connectTo, exchange } from '../load/scgi-client.mjs';
import { get } from '../load/http-client.mjs';
import { until } from '../helpers/until.mjs';

const CONNECTIONS = 2000;
const RUNS = 3;
const MORE_RUNS = 12;
/** Opened at once: fewer than a listening socket lets wait. */
const BATCH = 100;
const ACCEPT_TIMEOUT_MS = 20_000;

const SERVERS = {
  'idle-scgi': { options: { maxConnections: CONNECTIONS + 10 }, warmUp: exchange },
  'idle-http': { options: {}, warmUp: (address) => get(`http://${address}/`) },
};

export async function run(scope) {
  const runs = { 'idle-scgi': [], 'idle-http': [] };
  const medians = (figure) => Object.keys(SERVERS).map((app) => median(runs[app].map((one) => one[figure])));
  const holds = (figure) => {
    const [ours, theirs] = medians(figure);
    return ours <= theirs;
  };
  await repeat(scope, runs, RUNS);
  if (!Object.keys(BOUNDED).every(holds)) await repeat(scope, runs, MORE_RUNS);

  const counts = new Set(
    Object.values(runs)
      .flat()
      .map(({ open }) => open),
  );
  const held = counts.size === 1 && counts.has(CONNECTIONS);
  scope.check('connections held', [...counts].join(), `${CONNECTIONS}`, held);
  for (const [figure, name] of Object.entries(BOUNDED)) {
    const [ours, theirs] = medians(figure);
    scope.check(name, mib(ours), `${mib(theirs)} (node:http)`, holds(figure));
  }
  const [ours, theirs] = medians('heap');
  scope.note(`heap with ${CONNECTIONS} connections`, `${mib(ours)}; node:http: ${mib(theirs)}`);
}

/** Adds so many runs of each server. */
async function repeat(scope, runs, times) {
  for (let i = 0; i < times; i++)
    for (const app of Object.keys(SERVERS)) runs[app].push(await runOne(scope, app));
}

const BOUNDED = {
  rss: `RSS with ${CONNECTIONS} connections`,
  rssAdded: 'RSS that they added',
  heapAdded: 'heap that they added',
};

async function runOne(scope, app) {
  const { options, warmUp } = SERVERS[app];
  const server = await scope.child(app, options);
  await warmUp(server.info);
  const before = await server.ask('memory');
  const sockets = await open(server.info);
  await until(async () => (await server.ask('tally')).open === CONNECTIONS, ACCEPT_TIMEOUT_MS);
  const { open: count } = await server.ask('tally');
  const after = await server.ask('memory');
  for (const socket of sockets) socket.destroy();
  await server.stop();
  return {
    open: count,
    rss: after.rss,
    heap: after.heapUsed,
    rssAdded: after.rss - before.rss,
    heapAdded: after.heapUsed - before.heapUsed,
  };
}

async function open(address) {
  const sockets = [];
  while (sockets.length < CONNECTIONS) {
    const batch = Array.from({ length: BATCH }, () => connectTo(address).on('error', () => undefined));
    await Promise.all(batch.map((socket) => once(socket, 'connect')));
    sockets.push(...batch);
  }
  return sockets;
}
