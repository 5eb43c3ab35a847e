/** Keeps the application of `rxscgi dev` running in a process of its own, and starts it anew when its code changes. */
import {
  EMPTY,
  NEVER,
  ReplaySubject,
  catchError,
  concat,
  defer,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  repeat,
  share,
  shareReplay,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { MAX_TIMEOUT_MS } from '../../core/options.js';
import { EXIT_FAILED } from '../command-error.js';
import { WorkerDeath, deathOf, type StartWorker } from '../workers/worker-event.js';

/** What happens to the application. */
export type ApplicationEvent =
  /** It accepts connections at this address. */
  | { readonly type: 'ready'; readonly address: string }
  /** This file has changed. */
  | { readonly type: 'restarting'; readonly file: string }
  /** It did not load, or has ended unasked. */
  | { readonly type: 'failed'; readonly death: WorkerDeath }
  /** It had to end, and failed at that; the next one starts. */
  | { readonly type: 'stop-failed'; readonly death: WorkerDeath };

export interface RestartOptions {
  readonly start: StartWorker;
  /** Emits the file that has changed; `undefined` where nobody watches: the end of the application is then an error. */
  readonly changes: Observable<string> | undefined;
  /** Notifies that the application is to end; must replay. */
  readonly stop: Observable<unknown>;
  /** Notifies when the process may be told to drain, after a change or a stop. */
  readonly quiet: Observable<unknown>;
  /** How long the old process may take to end after that, before it is killed: it may be stuck in a loop. */
  readonly restartDeadlineMs: number;
}

/**
 * Keeps an application running.
 *
 *     changes:  -------------c--------c-----
 *     stop:     -------------------------------s
 *     process:  ---r---------d-|--#     ---r---d--|      r ready, d drains, # fails
 *     result:   ---R---------C----F---C----R------|      R ready, C restarting, F failed
 *
 * The old process has ended before the next one starts, because it may hold a port or a lock that the next one needs. After a failure,
 * a change starts the next process. Changes while a process ends cause no further restart, because the next one reads the files later.
 *
 * Error notifications: WorkerDeath, for a failure after `stop`, or when nobody watches.
 */
export function keepRestarting(options: RestartOptions): Observable<ApplicationEvent> {
  const { start, stop, quiet, restartDeadlineMs } = options;
  return defer(() => {
    // One watch for all processes.
    const changes = (options.changes ?? NEVER).pipe(share({ resetOnComplete: false }));
    const watching = changes.subscribe();
    let isOver = false;
    const stopping = stop.pipe(take(1)).subscribe(() => (isOver = true));

    const generation = defer(() => {
      /** Emits once why the process is to end: the file that has changed, or nothing. */
      const leave = new ReplaySubject<string | undefined>(1);
      let isLeaving = false;
      const reasons = merge(changes, stop.pipe(map(() => undefined))).pipe(
        take(1),
        tap(() => (isLeaving = true)),
      );
      const leaving = reasons.subscribe(leave);
      const until = leave.pipe(
        mergeMap(() => quiet),
        shareReplay({ bufferSize: 1, refCount: true }),
      );
      const overdue = until.pipe(
        mergeMap(() => (restartDeadlineMs > MAX_TIMEOUT_MS ? NEVER : timer(restartDeadlineMs))),
        mergeMap(() => (isOver ? EMPTY : throwError(tooSlow))),
      );
      const life = concat(
        start(until).pipe(
          filter((event) => event.type === 'worker-ready'),
          map(({ addresses }): ApplicationEvent => ({ type: 'ready', address: addresses[0] as string })),
          takeUntil(overdue),
        ),
        defer(() => (isLeaving ? EMPTY : throwError(endedByItself))),
      ).pipe(
        catchError((error: unknown) =>
          isOver || !options.changes
            ? throwError(() => error)
            : of<ApplicationEvent>({ type: isLeaving ? 'stop-failed' : 'failed', death: deathOf(error) }),
        ),
      );
      const restarting = leave.pipe(
        filter((file) => file !== undefined),
        map((file): ApplicationEvent => ({ type: 'restarting', file })),
      );
      return merge(restarting, concat(life, leave.pipe(ignoreElements()))).pipe(
        finalize(() => leaving.unsubscribe()),
      );
    });

    return generation.pipe(
      repeat({ delay: () => (isOver ? EMPTY : of('again')) }),
      finalize(() => {
        stopping.unsubscribe();
        watching.unsubscribe();
      }),
    );
  });
}

function tooSlow(): WorkerDeath {
  const message = 'it did not end in time, and was killed';
  return new WorkerDeath(0, message, message, EXIT_FAILED);
}

function endedByItself(): WorkerDeath {
  const message = 'the application ended by itself, with exit code 0';
  return new WorkerDeath(0, message, message, EXIT_FAILED);
}
