/** `rxscgi serve`, the command itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './gateways.mjs';
import { endOf, own, stopProcess } from './processes.mjs';
import { connectTo } from './scgi-client.mjs';

const MAIN = fileURLToPath(new URL('../../dist/esm/cli/main.js', import.meta.url));
const MODULE = fileURLToPath(new URL('../apps/served.mjs', import.meta.url));
const START_TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 20;

/**
 * Serves apps/served.mjs, and waits until it accepts.
 *
 * @param address - a free port by default.
 * @returns `{ address, kill(signal), exit, stderr() }`: `exit` is a Promise of the exit code.
 */
export async function startCommand(scope, args = [], env = {}, address = undefined) {
  address ??= `127.0.0.1:${await freePort()}`;
  const command = [MAIN, 'serve', MODULE, '--listen', address, '--log', 'off', ...args];
  const child = own(
    spawn(process.execPath, command, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    }),
  );
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  scope.atEnd(() => stopProcess(child));
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await accepts(address))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`rxscgi serve: ${stderr}`);
    await delay(POLL_INTERVAL_MS);
  }
  return {
    address,
    kill: (signal) => child.kill(signal),
    exit: endOf(child),
    stderr: () => stderr,
  };
}

async function accepts(address) {
  const socket = connectTo(address);
  const accepted = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return accepted;
}
