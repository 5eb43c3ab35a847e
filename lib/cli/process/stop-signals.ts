/** SIGINT, SIGTERM, and SIGHUP when the terminal is closed: the first signal drains, the second ends at once. */
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
import { CommandError } from '../command-error.js';

/** Exit codes as shells report them for a process that a signal has ended: 128 plus the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof EXIT_CODES;

/**
 * Runs something that can drain.
 *
 *     signals:  ------1-----------2
 *     until:    ------1
 *     result:   --a---------b-----#     # CommandError, unless it has completed before
 *
 * While the result is subscribed, the signals do not end the process by themselves.
 *
 * @param run - receives the notifier that tells it to drain.
 * @param hangups - the hangups that count as signals to stop; by default all.
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
 * Runs something that can drain, and can end at once.
 *
 * @param run - receives the first signal and the second, each as an Observable that replays it.
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

/** Makes the error for the end by a second signal. */
export function endedBy(signal: StopSignal): CommandError {
  return new CommandError(`ended at once by a second signal, ${signal}`, EXIT_CODES[signal]);
}

/** Emits a signal each time it arrives. While this is subscribed, the signal does not end the process. */
function received<S extends NodeJS.Signals>(signal: S): Observable<S> {
  return fromEvent(process, signal).pipe(map(() => signal));
}

/** The two meanings of SIGHUP. */
export interface Hangups {
  /** SIGHUP because the terminal was closed in which the command was started. */
  readonly closed: Observable<unknown>;
  /** SIGHUP that somebody sent: `kill -HUP`, `systemctl reload`. */
  readonly reload: Observable<unknown>;
}

/** The standard streams that were terminals at the start. */
const terminals = [0, 1, 2].filter(isatty);

/** Tells whether the terminal has been closed in which the command was started. */
export function isTerminalClosed(): boolean {
  return !terminals.every(isatty);
}

/** Tells the two meanings of SIGHUP apart. While one of the results is subscribed, SIGHUP does not end the process. */
export function hangups(): Hangups {
  const signals = received('SIGHUP').pipe(share());
  return {
    closed: signals.pipe(filter(isTerminalClosed)),
    reload: signals.pipe(filter(() => !isTerminalClosed())),
  };
}
