/** uWSGI: C, and a Python application; one process, over SCGI. */
import { fileURLToPath } from 'node:url';
import { freePort } from '../shared/free-port.mjs';
import { programPath } from '../shared/missing.mjs';
import { startServer } from '../shared/processes.mjs';
import { cpuOf } from './cpu-of.mjs';

const APPLICATION = fileURLToPath(new URL('../peers/hello.py', import.meta.url));

/** @param wanted - where to listen; port 0 for any that is free. @throws Missing */
export async function startUwsgi(scope, wanted) {
  const path = programPath('uwsgi');
  // It would not say which port it got.
  const address = wanted.endsWith(':0') ? `127.0.0.1:${await freePort()}` : wanted;
  const socket = address.replace(/^unix:/, '');
  const args = [
    ...['--plugins', 'python3', '--scgi-socket', socket, '--wsgi-file', APPLICATION, '--need-app'],
    ...['--listen', '511', '--disable-logging', '--die-on-term'],
  ];
  const { child, stop } = await startServer(path, args, address);
  scope.defer(stop);
  return { address, ask: (command) => (command === 'cpu' ? cpuOf(child.pid) : undefined) };
}
