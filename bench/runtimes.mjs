/** “Hello, world” behind nginx on Node.js and on Bun, each on its own sockets, and a server in C. */
import { httpLoad } from './load/http-load.mjs';
import { BARE, BARE_BUN, OURS, OURS_ON_BUN, UWSGI, startSites } from './helpers/peers.mjs';
import { slice } from './helpers/rounds.mjs';

export const title = 'Node.js, Bun and C: “Hello, world” behind nginx with one worker';

const SIDES = [OURS, BARE, OURS_ON_BUN, BARE_BUN, UWSGI];
const TRANSPORTS = { unix: 'Unix', tcp: 'TCP' };
const CONNECTIONS = 32;
/** The transport that has bounds. */
const JUDGED = 'unix';

export async function run(scope) {
  const load = httpLoad();
  const { seconds } = scope.options;
  for (const [transport, label] of Object.entries(TRANSPORTS)) {
    const what = `${label}, c = ${CONNECTIONS}`;
    if (!scope.begins(what)) continue;
    const targets = await startSites(scope, transport, SIDES);
    const sides = targets.map(({ name, program, url }) => [
      name,
      () => slice(program, () => load(url, CONNECTIONS, seconds)),
    ]);
    const { rate, cpu } = await scope.rounds(Object.fromEntries(sides));
    report(scope, what, rate, cpu, transport === JUDGED);
  }
}

function report({ name: benchmark, report }, what, rate, cpu, judged) {
  const pairs = (bound) =>
    [
      [OURS_ON_BUN, '÷', UWSGI, judged ? bound : undefined],
      [OURS_ON_BUN, '÷', BARE_BUN],
      [OURS_ON_BUN, '÷', OURS],
      [OURS, '÷', BARE],
    ].filter(([one, , other]) => one in rate && other in rate);
  report.add({ benchmark, what, metric: 'requests/s' }, rate, pairs({ atLeast: 1 }));
  report.add({ benchmark, what, metric: 'µs CPU / request' }, cpu, pairs({ atMost: 1.15 }));
}
