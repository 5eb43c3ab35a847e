/** SIGINT and SIGTERM, and a terminal that is closed: the first drains, the second ends at once. */
import { isatty } from 'node:tty';
import {
  Observable,
  ReplaySubject,
  filter,
  fromEvent,
  map,
  merge,
  mergeMap,
  share,
  takeUntil,
  throwError,
} from 'rxjs';
import { CommandError } from './command-error.js';

/** What a shell reports for a process that a signal ended: 128 and the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof EXIT_CODES;

/**
 * Runs what can be told to drain.
 *
 *     signals:  ------1-----------2
 *     until:    ------1
 *     result:   --a---------b-----#     # CommandError, unless it has completed before
 *
 * While the result is subscribed, the signals do not end the process by themselves.
 *
 * @param run - gets the notifier that tells it to drain.
 * @param hangups - which hangups count as signals to stop; all of them, by default.
 */
export function drainOnSignal<T>(
  run: (until: Observable<unknown>) => Observable<T>,
  hangups: Observable<unknown> = received('SIGHUP'),
): Observable<T> {
  return withStopSignals(
    (first, second) =>
      run(first).pipe(takeUntil(second.pipe(mergeMap((signal) => throwError(() => endedBy(signal)))))),
    hangups,
  );
}

/**
 * Runs what can be told to drain, and to end at once.
 *
 * @param run - gets the first signal and the second, each as an Observable that replays it.
 */
export function withStopSignals<T>(
  run: (first: Observable<StopSignal>, second: Observable<StopSignal>) => Observable<T>,
  hangups: Observable<unknown>,
): Observable<T> {
  return new Observable((subscriber) => {
    const first = new ReplaySubject<StopSignal>(1);
    const second = new ReplaySubject<StopSignal>(1);
    let isFirst = true;
    const hungUp = hangups.pipe(map((): StopSignal => 'SIGHUP'));
    subscriber.add(
      merge(received('SIGINT'), received('SIGTERM'), hungUp).subscribe((signal) => {
        if (isFirst) first.next(signal);
        else second.next(signal);
        isFirst = false;
      }),
    );
    subscriber.add(run(first, second).subscribe(subscriber));
  });
}

/** The end by a second signal. */
export function endedBy(signal: StopSignal): CommandError {
  return new CommandError(`ended at once by a second signal, ${signal}`, EXIT_CODES[signal]);
}

/** A signal, each time it comes. While it is subscribed it does not end the process by itself. */
export function received<S extends NodeJS.Signals>(signal: S): Observable<S> {
  return fromEvent(process, signal).pipe(map(() => signal));
}

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
