/** Keeps a worker running in one place of a pool. */
import {
  EMPTY,
  asyncScheduler,
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  of,
  repeat,
  take,
  takeUntil,
  tap,
  throwError,
  timeout,
  timer,
  type Observable,
} from 'rxjs';
import { clockOf } from '../../operators/exchange/clock.js';
import { EXIT_FAILED } from '../command-error.js';
import { type PoolEvent, WorkerDeath, deathOf, type StartWorker, type WorkerEvent } from './worker-event.js';

const clock = clockOf(asyncScheduler);

type Died = Extract<PoolEvent, { type: 'worker-died' }>;

/** What happens in one place of a pool. */
export type PlaceEvent = WorkerEvent | Died;

/**
 * Starts a worker, and another one whenever it ends unasked.
 *
 *     until:     -----------------------u
 *     workers:   -r--#  -r--#  ·  -r----d--|
 *     result:    -r--x---r--x-----r-----d--|      x died, r ready, d draining
 *
 * The first worker that dies is replaced at once; see `restartDelayMs` for the following ones.
 *
 * @param until - tells the worker to drain, and stops the wait for the next one; must replay, because a worker may start after it.
 * Error notifications: WorkerDeath, when the first worker ends before it is ready; where it exits with 0, not before `until` had 1 s
 * to notify.
 */
export function keepRunning(start: StartWorker, until: Observable<unknown>): Observable<PlaceEvent> {
  return defer(() => {
    let told = false;
    let everReady = false;
    let pid = 0;
    let startedAt = 0;
    let deaths = 0;
    const telling = until.pipe(take(1)).subscribe(() => (told = true));

    function died(reason: string): Died {
      if (told) return { type: 'worker-died', pid, reason, restartInMs: undefined };
      deaths = deathsInARow(deaths, clock() - startedAt);
      return { type: 'worker-died', pid, reason, restartInMs: restartDelayMs(deaths) };
    }

    const worker = defer(() => {
      startedAt = clock();
      pid = 0;
      return start(until);
    }).pipe(
      tap((event) => {
        everReady = true;
        ({ pid } = event);
      }),
    );
    // Nobody asked it to end: it is replaced, even though it exited with 0.
    const missed = defer(() => {
      if (told) return EMPTY;
      if (everReady) return of(died('it ended by itself'));
      // It may have obeyed a signal to all processes that has not reached this one yet.
      const early = (): Observable<never> => throwError(() => endedEarly(pid));
      return until.pipe(take(1), timeout({ first: SIGNAL_TIMEOUT_MS, with: early }), ignoreElements());
    });
    return concat(worker, missed).pipe(
      catchError((error: unknown) => {
        const death = deathOf(error, pid);
        pid = death.pid;
        return everReady || told ? of(died(death.reason)) : throwError(() => death);
      }),
      repeat({ delay: () => timer(restartDelayMs(deaths)).pipe(takeUntil(until)) }),
      finalize(() => telling.unsubscribe()),
    );
  });
}

/** How long a signal that is sent to all processes may take to reach them. */
const SIGNAL_TIMEOUT_MS = 1000;

function endedEarly(pid: number): WorkerDeath {
  const reason = 'it ended before it listened';
  return new WorkerDeath(pid, reason, 'a worker ended before it listened', EXIT_FAILED);
}

/** A worker that has lived this long did not die because of its start. */
const STEADY_MS = 10_000;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 30_000;

/**
 * Counts deaths in a row, including the last one.
 *
 * @param before - the count before it.
 * @param livedMs - from the start of the worker to its death.
 */
export function deathsInARow(before: number, livedMs: number): number {
  return livedMs < STEADY_MS ? before + 1 : 1;
}

/** Returns how long to wait before a restart: 0 after the first death, then 250 ms, twice as long each time, up to 30 s. */
export function restartDelayMs(deaths: number): number {
  if (deaths <= 1) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** (deaths - 2), MAX_DELAY_MS);
}
