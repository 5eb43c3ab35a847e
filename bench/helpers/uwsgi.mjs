/** uWSGI: C, and a Python application; one process, over SCGI. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.mjs';
import { programPath } from './missing.mjs';
import { Service } from './service.mjs';

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
  const logPath = join(scope.folder, 'uwsgi.log');
  const service = await Service.start(path, args, address, logPath);
  scope.defer(() => service.stop());
  return { address, ask: (command) => (command === 'cpu' ? service.cpu() : undefined) };
}
