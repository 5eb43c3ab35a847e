/** `rxscgi serve --workers 2` against one process, behind nginx. The cores that nginx and the load take are not left for workers. */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { httpLoad } from './load/http-load.mjs';
import { startServer } from './shared/processes.mjs';

export const title = '`rxscgi serve --workers 2` against one process, behind nginx';

const ROUNDS = 30;
const CONNECTIONS = 32;
const ONE = 'one process';
const TWO = '2 workers';
const SIDES = { [ONE]: [], [TWO]: ['--workers', '2'] };
const HANDLERS = {
  '“Hello, world”': 'peers/hello-handler.mjs',
  'about 0.5 ms of work': 'peers/busy-handler.mjs',
};
const COMMAND = fileURLToPath(new URL('../dist/esm/cli/main.js', import.meta.url));

export async function run(scope) {
  const load = httpLoad();
  for (const [name, handler] of Object.entries(HANDLERS)) {
    const what = `${name}, Unix, c = ${CONNECTIONS}, ${cpus().length} cores`;
    if (!scope.begins(what)) continue;
    const addresses = [];
    for (const flags of Object.values(SIDES)) addresses.push(await serve(scope, handler, flags));
    const sites = addresses.map((address) => ({ protocol: 'scgi', addresses: [address] }));
    const { urls, stop } = await scope.nginx(sites);
    const measures = Object.keys(SIDES).map((side, index) => [side, () => once(load, urls[index])]);
    const { rate } = await scope.rounds(Object.fromEntries(measures), { rounds: ROUNDS });
    scope.report.add({ benchmark: scope.name, what, metric: 'requests/s' }, rate, [[TWO, '÷', ONE]]);
    await stop();
  }

  async function once(send, url) {
    const { requests, seconds } = await send(url, CONNECTIONS, scope.options.seconds);
    return { rate: requests / seconds };
  }
}

async function serve(scope, handler, flags) {
  const address = scope.address('unix');
  const module = fileURLToPath(new URL(handler, import.meta.url));
  const args = [COMMAND, 'serve', module, '--listen', address, '--log', 'off', ...flags];
  const { stop } = await startServer(process.execPath, args, address);
  scope.defer(stop);
  return address;
}
