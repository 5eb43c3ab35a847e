/** "Hello, world" behind nginx with one worker: requests a second, and what one costs the process behind. */
import { startHttpLoad } from './helpers/http-load.mjs';
import { startNginx } from './helpers/nginx.mjs';
import { BARE, HTTP, OURS, startPeers } from './helpers/peers.mjs';

export const title = '“Hello, world” behind nginx with one worker';

const TRANSPORTS = { unix: 'Unix', tcp: 'TCP' };
const CONNECTIONS = [1, 32, 256];
/** Where the bounds hold. */
const JUDGED = { transport: 'unix', connections: 32 };

export async function run(scope) {
  const load = await startHttpLoad(scope);
  for (const [transport, label] of Object.entries(TRANSPORTS)) {
    const peers = await startPeers(scope, transport);
    const urls = await startNginx(
      scope,
      peers.map(({ protocol, address, keepAlive }) => ({ protocol, addresses: [address], keepAlive })),
    );
    for (const connections of CONNECTIONS) {
      scope.progress(`${label}, c = ${connections}`);
      const sides = Object.fromEntries(
        peers.map(({ name, program }, index) => [name, () => once(program, urls[index], connections)]),
      );
      const samples = await scope.rounds(sides);
      const judged = transport === JUDGED.transport && connections === JUDGED.connections;
      report(scope, `${label}, c = ${connections}`, samples, judged);
    }
  }

  async function once(program, url, connections) {
    const before = await program.ask('cpu');
    const { requests, seconds } = await load(url, connections, scope.options.seconds);
    const cpu = (await program.ask('cpu')) - before;
    return { rate: requests / seconds, cpu: cpu / requests };
  }
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
