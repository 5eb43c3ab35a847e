/** Whether a process that is not our child still runs. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How often processes are looked at. */
export const POLL_MS = 5;

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits until a process has ended. */
export async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await delay(POLL_MS);
}

/** The children of a process; where the system does not tell, none. */
export function childrenOf(pid: number): number[] {
  const children = `/proc/${pid}/task/${pid}/children`;
  return existsSync(children) ? (readFileSync(children, 'utf8').match(/\d+/g) ?? []).map(Number) : [];
}
