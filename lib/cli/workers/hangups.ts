/** SIGHUP, which says two things: the terminal is closed, or somebody wants a reload. */
import { isatty } from 'node:tty';
import { filter, share, type Observable } from 'rxjs';
import { received } from '../stop-signals.js';

export interface Hangups {
  /** The terminal that the command was started from is closed. */
  readonly closed: Observable<unknown>;
  /** Sent by somebody: `kill -HUP`, `systemctl reload`. */
  readonly reload: Observable<unknown>;
}

/** Standard streams that are terminals; a terminal is none any more when it is closed. */
const terminals = [0, 1, 2].filter(isatty);

/** Whether the terminal that the command was started from has been closed since. */
export function isTerminalClosed(): boolean {
  return !terminals.every(isatty);
}

/** Tells the two apart; SIGHUP does not end the process while one of them is subscribed. */
export function hangups(): Hangups {
  const signals = received('SIGHUP').pipe(share());
  return {
    closed: signals.pipe(filter(isTerminalClosed)),
    reload: signals.pipe(filter(() => !isTerminalClosed())),
  };
}
