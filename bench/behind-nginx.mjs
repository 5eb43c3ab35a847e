/** "Hello, world" behind nginx with one worker: requests per second, and the CPU of the application for each. */
import { httpLoad } from './load/http-load.mjs';
import { BARE, HTTP, OURS, startSites } from './helpers/peers.mjs';
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
      targets ??= await startSites(scope, transport);
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
