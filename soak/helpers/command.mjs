/** Starts `rxscgi serve`. */
import { fileURLToPath } from 'node:url';
import { freePort } from '../../bench/shared/free-port.mjs';
import { endOf, startServer } from '../../bench/shared/processes.mjs';

const MAIN = fileURLToPath(new URL('../../dist/esm/cli/main.js', import.meta.url));
const MODULE = fileURLToPath(new URL('../apps/served.mjs', import.meta.url));

/**
 * Serves apps/served.mjs, and waits until it accepts connections.
 *
 * @param address - a free port by default.
 * @returns `{ address, kill(signal), exit, stderr() }`: `exit` is a Promise of the exit code.
 */
export async function startCommand(scope, args = [], env = {}, address = undefined) {
  address ??= `127.0.0.1:${await freePort()}`;
  const command = [MAIN, 'serve', MODULE, '--listen', address, '--log', 'off', ...args];
  const options = { env: { ...process.env, ...env } };
  const { child, stderr, stop } = await startServer(scope.runtime, command, address, options);
  scope.defer(stop);
  return { address, kill: (signal) => child.kill(signal), exit: endOf(child), stderr };
}
