/** "Hello, world" of uWSGI behind `scgiGateway` and behind nginx: requests per second, and the CPU of the gateway for each. */
import { slice } from '../helpers/rounds.mjs';
import { startUwsgi } from '../helpers/uwsgi.mjs';
import { httpLoad } from '../load/http-load.mjs';

export const title = '“Hello, world” of uWSGI behind a gateway';

const TRANSPORTS = { unix: 'Unix', tcp: 'TCP' };
const CONNECTIONS = [1, 32];
const GATEWAY = new URL('../peers/gateway.mjs', import.meta.url);
const OURS = 'scgiGateway';
/** Shows how much of a figure is Node's own: its HTTP server, and a socket for each request. */
const BARE = 'node:http and net, by hand';
const NGINX = 'nginx';

export async function run(scope) {
  const load = httpLoad();
  for (const [transport, label] of Object.entries(TRANSPORTS)) {
    const cases = CONNECTIONS.map((connections) => ({ connections, what: `${label}, c = ${connections}` }));
    const wanted = cases.filter(({ what }) => scope.begins(what));
    if (wanted.length === 0) continue;
    const { address } = await startUwsgi(scope, scope.address(transport));
    const sides = await startSides(scope, transport, address);
    for (const { connections, what } of wanted) {
      const { seconds } = scope.options;
      const measures = sides.map(({ name, program, url }) => [
        name,
        () => slice(program, () => load(url, connections, seconds)),
      ]);
      const { rate, cpu } = await scope.rounds(Object.fromEntries(measures));
      const { name: benchmark } = scope;
      scope.report.add({ benchmark, what, metric: 'requests/s' }, rate, [
        [OURS, '÷', NGINX],
        [OURS, '÷', BARE],
      ]);
      const { [NGINX]: _, ...ofNode } = cpu;
      scope.report.add({ benchmark, what, metric: 'µs CPU / request' }, ofNode, [[OURS, '÷', BARE]]);
    }
  }
}

async function startSides(scope, transport, target) {
  const ofNode = { [OURS]: [], [BARE]: ['bare'] };
  const sides = [];
  for (const [name, more] of Object.entries(ofNode)) {
    const profile = scope.profileName(transport, name);
    const program = await scope.start(GATEWAY, [scope.address('tcp'), target, ...more], { profile });
    sides.push({ name, program, url: `http://${program.address}` });
  }
  const { urls } = await scope.nginx([{ protocol: 'scgi', addresses: [target] }]);
  // Its worker is a process of its own, which cannot be asked.
  return [...sides, { name: NGINX, program: { ask: () => NaN }, url: urls[0] }];
}
