/** The event loop runs timers before it reads from sockets: after a busy time, a timeout would count what has come as missing. */

/** A check that is later than this finds a process that was busy, for which nobody outside of it is to blame. */
const LATE_MS = 20;

/** How long a late check waits, so that the event loop reads before it. */
export const CATCH_UP_MS = 10;

/** Whether what was due at one time runs late. */
export function isLate(now: number, due: number): boolean {
  return now - due > LATE_MS;
}
