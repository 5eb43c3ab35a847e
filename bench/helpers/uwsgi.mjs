/** uWSGI, one process in C with a Python application, over SCGI. */
import { fileURLToPath } from 'node:url';
import { freePort } from '../shared/free-port.mjs';
import { programPath } from '../shared/missing.mjs';
import { startServer } from '../shared/processes.mjs';
import { cpuOf } from './cpu-of.mjs';

const APPLICATION = fileURLToPath(new URL('../peers/hello.py', import.meta.url));

/**
 * @param wanted - the address to listen on; port 0 for any free port.
 * @returns what a benchmark uses of a `Program`.
 * @throws Missing
 */
export async function startUwsgi(scope, wanted) {
  const path = programPath('uwsgi');
  // uWSGI does not say which port it has chosen.
  const address = wanted.endsWith(':0') ? `127.0.0.1:${await freePort()}` : wanted;
  const socket = address.replace(/^unix:/, '');
  const args = [
    ...['--plugins', 'python3', '--scgi-socket', socket, '--wsgi-file', APPLICATION, '--need-app'],
    ...['--listen', '511', '--disable-logging', '--die-on-term'],
  ];
  const { child, stop } = await startServer(path, args, address);
  scope.defer(stop);
  return { address, ask: (command) => (command === 'cpu' ? cpuOf(child.pid) : undefined), stop };
}
