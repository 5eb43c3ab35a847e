/** SIGHUP, which says two things: the terminal is closed, or somebody wants a reload. */
import { isatty } from 'node:tty';
import { Observable, filter, share } from 'rxjs';
import { received } from './stop-signals.js';

export interface Hangups {
  /** The terminal that the command was started from is closed. */
  readonly closed: Observable<unknown>;
  /** Sent by somebody: `kill -HUP`, `systemctl reload`. */
  readonly reload: Observable<unknown>;
}

const STREAMS = [0, 1, 2];

/** Tells the two apart; SIGHUP does not end the process while one of them is subscribed. */
export function hangups(): Hangups {
  const terminals = STREAMS.filter(isatty);
  // A terminal is none any more when it is closed.
  const isClosed = (): boolean => !terminals.every(isatty);
  const signals = received('SIGHUP').pipe(share());
  return { closed: signals.pipe(filter(isClosed)), reload: signals.pipe(filter(() => !isClosed())) };
}
