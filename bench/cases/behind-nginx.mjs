/** "Hello, world" behind nginx with one worker: requests per second, and the CPU of the application for each. */
import { httpLoad } from '../load/http-load.mjs';
import {
  BARE,
  BARE_BUN,
  HTTP,
  MINIMAL,
  ON_NODE,
  OURS,
  OURS_ON_BUN,
  PEER_NAMES,
  UWSGI,
  startSites,
} from '../helpers/peers.mjs';
import { slice } from '../helpers/rounds.mjs';
import { GENERATIONS } from '../helpers/scope.mjs';

export const title = '“Hello, world” behind nginx with one worker';

/** In the first 100 000 requests of a process, Bun compiles: it costs most whose program is largest. */
const WARM_UP_SECONDS = 6;

/** With few connections the sides wait for each other, with many they queue in nginx: there is nothing to judge. */
const CASES = [
  { transport: 'unix', label: 'Unix', connections: 1, names: ON_NODE },
  { transport: 'unix', label: 'Unix', connections: 32, names: PEER_NAMES, judged: true },
  { transport: 'unix', label: 'Unix', connections: 256, names: ON_NODE },
  { transport: 'tcp', label: 'TCP', connections: 32, names: PEER_NAMES, judged: true },
];
const RATE_BOUNDS = { [BARE]: { atLeast: 0.98 }, [HTTP]: { atLeast: 1.25 } };
const CPU_BOUNDS = { [BARE]: { atMost: 1.05 }, [MINIMAL]: { atMost: 1.15 } };

export async function run(scope) {
  const load = httpLoad();
  for (const { transport, label, connections, names, judged } of CASES) {
    const what = `${label}, c = ${connections}`;
    if (!scope.begins(what)) continue;
    const { seconds } = scope.options;
    const warmUpSeconds = judged ? WARM_UP_SECONDS : undefined;
    const samples = await scope.generations(async () => {
      const { targets, stop } = await startSites(scope, what, transport, names);
      const sides = targets.map(({ name, program, url }) => [
        name,
        () => slice(program, () => load(url, connections, seconds)),
      ]);
      return { sides: Object.fromEntries(sides), stop };
    }, warmUpSeconds);
    report(scope, what, samples, judged);
  }
}

function report(scope, what, { rate, cpu }, judged = false) {
  const key = { benchmark: scope.name, what };
  const compare = (bounds, onBun) => {
    const bound = (name) => (judged ? bounds[name] : undefined);
    return [
      ...Object.keys(rate).flatMap((name) => (name === OURS ? [] : [[OURS, '÷', name, bound(name)]])),
      [OURS_ON_BUN, '÷', UWSGI, judged ? onBun : undefined],
      [OURS_ON_BUN, '÷', BARE_BUN],
    ];
  };
  const rates = compare(RATE_BOUNDS, { atLeast: 1 });
  const cpus = compare(CPU_BOUNDS, { atMost: 1.15 });
  scope.report.add({ ...key, metric: 'requests/s' }, rate, rates, GENERATIONS);
  scope.report.add({ ...key, metric: 'µs CPU / request' }, cpu, cpus, GENERATIONS);
}
