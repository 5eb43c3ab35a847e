/** `rxscgi serve` with 1 and 2 workers, behind nginx. The cores that nginx and the load take are not left for workers. */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cpuOfFamily } from '../helpers/cpu-of.mjs';
import { slice } from '../helpers/rounds.mjs';
import { httpLoad } from '../load/http-load.mjs';
import { startServer } from '../shared/processes.mjs';

export const title = '`rxscgi serve` with one process and with two workers, behind nginx';

const CONNECTIONS = 32;
const ONE = 'one process';
const TWO = '2 workers';
const SIDES = { [ONE]: [], [TWO]: ['--workers', '2'] };
const HANDLERS = {
  '“Hello, world”': '../peers/ours/hello-handler.mjs',
  'about 0.5 ms of work': '../peers/ours/busy-handler.mjs',
};
const COMMAND = fileURLToPath(new URL('../../dist/esm/cli/main.js', import.meta.url));

export async function run(scope) {
  const load = httpLoad();
  for (const [name, handler] of Object.entries(HANDLERS)) {
    const what = `${name}, Unix, c = ${CONNECTIONS}, ${cpus().length} cores`;
    if (!scope.begins(what)) continue;
    const servers = [];
    for (const flags of Object.values(SIDES)) servers.push(await serve(scope, handler, flags));
    const sites = servers.map(({ address }) => ({ protocol: 'scgi', addresses: [address] }));
    const { urls, stop } = await scope.nginx(sites);
    const sides = Object.keys(SIDES).map((side, index) => [
      side,
      () => slice(servers[index], () => load(urls[index], CONNECTIONS, scope.options.seconds)),
    ]);
    const { rate, cpu } = await scope.rounds(Object.fromEntries(sides));
    const key = { benchmark: scope.name, what };
    scope.report.add({ ...key, metric: 'requests/s' }, rate, [[TWO, '÷', ONE]]);
    scope.report.add({ ...key, metric: 'µs CPU / request' }, cpu, [[TWO, '÷', ONE]]);
    const slopes = rate[TWO].map((two, round) => two / rate[ONE][round] - 1);
    scope.report.judge({ ...key, metric: 'slope, of one process, for each worker more' }, TWO, slopes);
    await stop();
  }
}

async function serve(scope, handler, flags) {
  const address = scope.address('unix');
  const module = fileURLToPath(new URL(handler, import.meta.url));
  const args = [COMMAND, 'serve', module, '--listen', address, '--log', 'off', ...flags];
  const { child, stop } = await startServer(process.execPath, args, address);
  scope.defer(stop);
  return { address, ask: () => cpuOfFamily(child.pid) };
}
