/** Runs a pool of workers: starts them together, replaces them one by one, ends them together. */
import {
  AsyncSubject,
  EMPTY,
  ReplaySubject,
  Subject,
  catchError,
  concat,
  concatMap,
  defer,
  filter,
  forkJoin,
  from,
  ignoreElements,
  map,
  merge,
  mergeAll,
  of,
  take,
  takeUntil,
  tap,
  throttle,
  throwError,
  timeout,
  type Observable,
} from 'rxjs';
import { CommandError, EXIT_FAILED } from '../command-error.js';
import { keepRunning, type PlaceEvent } from './keep-running.js';
import type { PoolEvent, StartWorker, WorkerEvent } from './worker-event.js';

/** How long a new worker may take to listen during a reload: its `start()` may never end. */
const READY_TIMEOUT_MS = 60_000;

export interface SuperviseOptions {
  /** The number of workers. */
  readonly workers: number;
  /** Notifies that all are to drain; must replay. */
  readonly stop: Observable<unknown>;
  /** Notifies that all are to be replaced. */
  readonly reload: Observable<unknown>;
  /** Whether the sockets were passed on by another program: they are lost when no worker listens any more. */
  readonly socketsAreLent?: boolean;
}

/**
 * Supervises workers. One that dies is replaced (see `keepRunning`); its siblings go on.
 *
 *     stop:     ----------------------------u
 *     workers:  -r--#-r---------------------d--|
 *               --r-------------------------d-|
 *     result:   --Lx--r---------------------D-dd-c|      L listening, x died, D all drain, d one drains, c closed
 *
 * `reload` goes from place to place: it starts a new worker, waits until it listens, tells the old one to drain, and goes on without waiting for
 * its end. A new worker that fails, or does not listen within 60 s, ends the reload and nothing else. Any number of `reload`s during a
 * reload trigger one more when it finishes.
 *
 * Error notifications: CommandError, when a worker fails before all listen for the first time, or fails at `stop`; the others are drained
 * first.
 */
export function supervise(start: StartWorker, options: SuperviseOptions): Observable<PoolEvent> {
  return defer(() => new Pool(start, options).run());
}

type Ready = Extract<WorkerEvent, { type: 'worker-ready' }>;

class Pool {
  private readonly places: readonly number[];
  /** For each place, what tells the worker in it to make way for the next. */
  private readonly retirements: Subject<void>[] = [];
  /** The workers that have been put in a place, past and present. */
  private readonly generations = new Subject<Observable<PlaceEvent>>();
  private readonly allReady = new AsyncSubject<readonly Ready[]>();
  private readonly listening = new Set<number>();
  private readonly failed = new ReplaySubject<void>(1);
  private failure: CommandError | undefined;
  private readonly stopping: Observable<unknown>;
  private stopped = false;

  constructor(
    private readonly start: StartWorker,
    private readonly options: SuperviseOptions,
  ) {
    this.places = Array.from({ length: options.workers }, (_, place) => place);
    this.stopping = merge(options.stop, this.failed).pipe(take(1));
  }

  run(): Observable<PoolEvent> {
    const workers = this.generations.pipe(
      mergeAll(),
      map((event) => this.watch(event)),
      filter((event) => event !== undefined),
    );
    // The order matters: the drain is reported before the workers report theirs, and workers are watched before they start.
    return concat(
      merge(this.drain(), workers, this.startAll(), this.reload()),
      defer(() => (this.failure ? throwError(() => this.failure) : of<PoolEvent>({ type: 'closed' }))),
    );
  }

  private startAll(): Observable<PoolEvent> {
    return defer(() => forkJoin(this.places.map((place) => this.install(place)))).pipe(
      tap({
        next: (ready) => this.allReady.next(ready),
        error: (error: unknown) => this.allReady.error(error),
        complete: () => this.allReady.complete(),
      }),
      concatMap(([first]) => from((first as Ready).addresses)),
      map((address): PoolEvent => ({ type: 'listening', address })),
      catchError((error: unknown) => {
        this.fail(error as CommandError);
        return EMPTY;
      }),
      takeUntil(this.stopping),
    );
  }

  private reload(): Observable<PoolEvent> {
    const over = new Subject<void>();
    return this.options.reload.pipe(
      takeUntil(this.stopping),
      throttle(() => over, { leading: true, trailing: true }),
      concatMap(() => concat(this.allReady.pipe(ignoreElements()), this.replaceAll())),
      tap(({ type }) => type !== 'reloading' && over.next()),
      // Not all became ready, which `startAll` reports.
      catchError(() => EMPTY),
      takeUntil(this.stopping),
    );
  }

  private replaceAll(): Observable<PoolEvent> {
    const replaced = this.places.map((place) => defer(() => this.install(place, READY_TIMEOUT_MS)));
    return concat(
      of<PoolEvent>({ type: 'reloading' }),
      concat(...replaced).pipe(ignoreElements()),
      of<PoolEvent>({ type: 'reloaded' }),
    ).pipe(
      catchError((error: unknown) =>
        of<PoolEvent>({ type: 'reload-failed', reason: (error as CommandError).message }),
      ),
    );
  }

  private drain(): Observable<PoolEvent> {
    return this.stopping.pipe(
      tap(() => {
        this.stopped = true;
        this.generations.complete();
      }),
      filter(() => this.failure === undefined),
      map(() => ({ type: 'pool-draining', workers: this.places.length })),
    );
  }

  /**
   * Puts a worker in a place, and retires the previous one when the new one listens. Completes then.
   *
   * @param withinMs - how long it may take to listen before it is retired itself.
   */
  private install(place: number, withinMs = Infinity): Observable<Ready> {
    const { start, stopping, retirements } = this;
    const retirement = new ReplaySubject<void>(1);
    const installed = new AsyncSubject<Ready>();
    let late = false;
    const giveUp = (): Observable<never> => {
      late = true;
      retirement.next();
      return throwError(() => tooLate(withinMs));
    };
    const ready = (event: Ready): Observable<never> =>
      defer(() => {
        if (late || retirements[place] === retirement) return EMPTY;
        retirements[place]?.next();
        retirements[place] = retirement;
        installed.next(event);
        installed.complete();
        return EMPTY;
      });
    this.generations.next(
      keepRunning(start, merge(retirement, stopping)).pipe(
        // Reported first, then acted upon.
        concatMap((event) => concat(of(event), event.type === 'worker-ready' ? ready(event) : EMPTY)),
        catchError((error: unknown) => {
          installed.error(error);
          return EMPTY;
        }),
      ),
    );
    return withinMs === Infinity ? installed : installed.pipe(timeout({ first: withinMs, with: giveUp }));
  }

  /** Counts the workers that listen. @returns the event to report; a death that ends the pool becomes its error instead. */
  private watch(event: PlaceEvent): PlaceEvent | undefined {
    const { listening, options, stopped } = this;
    const died = event.type === 'worker-died';
    if (event.type === 'worker-ready') listening.add(event.pid);
    // A worker that drains before it listened has nothing to report.
    else if (!listening.delete(event.pid) && !died) return undefined;
    if (stopped) {
      if (!died) return event;
      this.fail(new CommandError(`worker ${event.pid}: ${event.reason}`, EXIT_FAILED));
      return undefined;
    }
    if (!options.socketsAreLent || listening.size > 0) return event;
    this.fail(socketsLost());
    return died ? { ...event, restartInMs: undefined } : event;
  }

  private fail(error: CommandError): void {
    this.failure ??= error;
    this.failed.next();
  }
}

function tooLate(ms: number): CommandError {
  return new CommandError(
    `a new worker did not listen within ${ms / 1000} s: does its start() end?`,
    EXIT_FAILED,
  );
}

function socketsLost(): CommandError {
  const message = 'no worker is left that holds the inherited sockets: start rxscgi again';
  return new CommandError(message, EXIT_FAILED);
}
