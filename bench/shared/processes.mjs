/** Child processes: they end with the benchmark or scenario that has started them, or with this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { accepts } from './addresses.mjs';

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 10;
/** Characters of a server's stderr that are kept. */
const MAX_STDERR = 100_000;

const running = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Kills a child process at the latest when this process exits. */
export function own(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Waits for the end of a child. @returns its exit code, or the name of the signal. */
export async function endOf(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

/** Asks a child to end, by default with SIGTERM, and kills it if it does not. @returns as `endOf`. */
export async function stopProcess(child, ask = () => child.kill('SIGTERM')) {
  ask();
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  const code = await endOf(child);
  clearTimeout(killer);
  return code;
}

/**
 * Starts a server, and waits until it accepts connections.
 *
 * @param address - where it is going to listen.
 * @returns `{ child, stderr(), stop() }`, once it accepts.
 */
export async function startServer(path, args, address, { env = process.env } = {}) {
  const child = own(spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], env }));
  let stderr = '';
  child.stderr.on('data', (text) => (stderr = (stderr + text).slice(-MAX_STDERR)));
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await accepts(address))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await stopProcess(child);
      throw new Error(`${path} did not start: ${stderr.slice(-1000)}`);
    }
    await delay(POLL_INTERVAL_MS);
  }
  return { child, stderr: () => stderr, stop: () => stopProcess(child) };
}
