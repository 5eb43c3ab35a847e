/** Processes that a scenario has started: they end with it, and with the whole at the latest. */
import { once } from 'node:events';

const STOP_TIMEOUT_MS = 10_000;

const running = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** To be called for each child process. */
export function own(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** @returns the exit code, or the name of the signal. */
export async function endOf(child) {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

/** Asks a child to end, by SIGTERM unless told how, and makes it end. @returns as `endOf`. */
export async function stopProcess(child, ask = () => child.kill('SIGTERM')) {
  ask();
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  const code = await endOf(child);
  clearTimeout(killer);
  return code;
}
