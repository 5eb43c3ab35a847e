/** "Hello, world" behind nginx with one worker: requests per second, and the CPU of the application for each. */
import { httpLoad } from './load/http-load.mjs';
import { BARE, HTTP, OURS, startPeers } from './helpers/peers.mjs';
import { slice } from './helpers/rounds.mjs';

export const title = '“Hello, world” behind nginx with one worker';

const TRANSPORTS = { unix: 'Unix', tcp: 'TCP' };
const CONNECTIONS = [1, 32, 256];
/** The case that has bounds. */
const JUDGED = { transport: 'unix', connections: 32 };
const UNJUDGED_ROUNDS = 20;

export async function run(scope) {
  const load = httpLoad();
  for (const [transport, label] of Object.entries(TRANSPORTS)) {
    let targets;
    for (const connections of CONNECTIONS) {
      const what = `${label}, c = ${connections}`;
      if (!scope.begins(what)) continue;
      targets ??= await startTargets(scope, transport);
      const { seconds } = scope.options;
      const sides = targets.map(({ name, program, url }) => [
        name,
        () => slice(program, () => load(url, connections, seconds)),
      ]);
      const judged = transport === JUDGED.transport && connections === JUDGED.connections;
      const rounds = judged ? undefined : UNJUDGED_ROUNDS;
      const samples = await scope.rounds(Object.fromEntries(sides), { rounds });
      report(scope, what, samples, judged);
    }
  }
}

/** Starts the peers, and an nginx with one URL for each. */
async function startTargets(scope, transport) {
  const peers = await startPeers(scope, transport);
  const sites = peers.map(({ protocol, address, keepAlive }) => ({
    protocol,
    addresses: [address],
    keepAlive,
  }));
  const { urls } = await scope.nginx(sites);
  for (const [index, { name }] of peers.entries()) await checkAnswer(name, urls[index]);
  return peers.map((peer, index) => ({ ...peer, url: urls[index] }));
}

/** Throws unless a peer gives the answer that all of them must give. */
async function checkAnswer(name, url) {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200 || text !== 'Hello, world\n')
    throw new Error(`${name} answers ${response.status} ${JSON.stringify(text.slice(0, 100))}`);
}

function report(scope, what, { rate, cpu }, judged) {
  const others = Object.keys(rate).filter((name) => name !== OURS);
  const rateBounds = judged ? { [BARE]: { atLeast: 0.95 }, [HTTP]: { atLeast: 1.25 } } : {};
  const cpuBounds = judged ? { [BARE]: { atMost: 1.08 } } : {};
  const { name: benchmark } = scope;
  scope.report.add(
    { benchmark, what, metric: 'requests/s' },
    rate,
    others.map((name) => [OURS, '÷', name, rateBounds[name]]),
  );
  scope.report.add(
    { benchmark, what, metric: 'µs CPU / request' },
    cpu,
    others.map((name) => [OURS, '÷', name, cpuBounds[name]]),
  );
}
