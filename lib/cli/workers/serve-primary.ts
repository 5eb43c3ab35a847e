/** `rxscgi serve --workers`: the primary, which runs the workers and serves nothing itself. */
import {
  EMPTY,
  Subject,
  catchError,
  concat,
  connect,
  defer,
  endWith,
  finalize,
  ignoreElements,
  merge,
  mergeMap,
  of,
  takeUntil,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { verifyServeOptions } from '../../system/serving/serve-options.js';
import { newPrimaryName } from '../../system/addresses/worker-socket.js';
import { STOP_TIMEOUT_MS } from '../application/application.js';
import { forkWorker } from './fork-worker.js';
import { hangups, endedBy, withStopSignals, type StopSignal } from '../process/stop-signals.js';
import type { LogLine } from '../log/log-output.js';
import type { PoolEvent, StartWorker } from './worker-event.js';
import { processLog } from '../log/process-log.js';
import type { ServePlan } from '../commands/serve-options.js';
import { tellServiceManager } from '../process/service-manager.js';
import { SharedPaths } from './shared-paths.js';
import { supervise } from './supervise.js';
import { watchModule } from './watch-files.js';
import { WorkerReaper } from './worker-reaper.js';

/** A worker that takes this much longer than it may take to drain and to stop is stuck. */
const GRACE_MS = 5000;

/** Serves a module with worker processes until a signal arrives: cold. */
export function servePrimary(
  { path, options, reload: watches, log }: ServePlan,
  workers: number,
): Observable<LogLine> {
  const { addresses, access, drainTimeoutMs } = verifyServeOptions(options);
  const { closed, reload: hangup } = hangups();
  const unwatched = new Subject<PoolEvent>();
  const imported = new Subject<string>();
  const changes = watchModule(path, imported, (reason) => unwatched.next({ type: 'watch-failed', reason }));
  const reload = watches ? merge(hangup, changes) : hangup;
  const drainDeadlineMs = drainTimeoutMs + STOP_TIMEOUT_MS + GRACE_MS;

  function run(stop: Observable<StopSignal>, end: Observable<StopSignal>): Observable<PoolEvent> {
    return defer(() => {
      const primaryName = newPrimaryName();
      const paths = new SharedPaths(primaryName, addresses, access);
      const reaper = new WorkerReaper(drainDeadlineMs);
      const start: StartWorker = (until) =>
        concat(
          paths.prepare(),
          forkWorker({
            primaryName,
            until,
            end,
            drainDeadlineMs,
            imported: (file) => imported.next(file),
            reaper,
          }),
        ).pipe(mergeMap((event) => concat(event.type === 'worker-ready' ? paths.publish() : [], of(event))));
      const socketsAreLent = addresses.some(({ kind }) => kind === 'fd');
      const pool = supervise(start, { workers, stop, reload, socketsAreLent }).pipe(
        tap(({ type }) => type === 'pool-draining' && paths.remove()),
        finalize(() => {
          paths.remove();
          reaper.close();
        }),
      );
      return concat(paths.check(), pool);
    });
  }

  return withStopSignals((stop, end) => endedAtOnce(run(stop, end), end), closed).pipe(
    connect((events) => {
      const over = events.pipe(ignoreElements(), endWith('over'));
      const aside = merge(events.pipe(tellServiceManager()), unwatched.pipe(takeUntil(over)));
      return merge(events, aside).pipe(processLog(log));
    }),
  );
}

/** After a second signal, reports that signal, however the workers end. */
function endedAtOnce<T>(source: Observable<T>, end: Observable<StopSignal>): Observable<T> {
  return defer(() => {
    let signal: StopSignal | undefined;
    const noted = end.subscribe((second) => (signal = second));
    return concat(
      source.pipe(catchError((error: unknown) => throwError(() => (signal ? endedBy(signal) : error)))),
      defer(() => (signal ? throwError(() => endedBy(signal as StopSignal)) : EMPTY)),
    ).pipe(finalize(() => noted.unsubscribe()));
  });
}
