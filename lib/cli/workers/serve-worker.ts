/** `rxscgi serve --workers`: one of the workers. */
import {
  EMPTY,
  bufferCount,
  catchError,
  concatMap,
  connect,
  distinct,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  mergeMap,
  take,
  takeUntil,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { verifyServeOptions } from '../../system/serving/serve-options.js';
import { serveScgi } from '../../node/serve-scgi.js';
import type { ScgiHandler } from '../../operators/types.js';
import type { ServerEvent } from '../../server/server-event.js';
import { accessLog } from '../log/access-log.js';
import { runModule } from '../application/application.js';
import { CommandError, commandErrorOf } from '../command-error.js';
import { failuresInFlags } from '../log/in-flags.js';
import type { LogLine } from '../log/log-output.js';
import type { ServePlan } from '../commands/serve-options.js';
import { EventBatches } from '../inspect/event-batches.js';
import { importedFiles } from './imported-files.js';
import { withPrimary, type PrimaryChannel, type WorkerMessage } from './with-primary.js';

/** The exit code of a worker that was told to end at once. */
const EXIT_ENDED = 143;

/** An application that imports more is not watched whole. */
const MAX_IMPORTED_FILES = 10_000;

/** What a worker is to do. */
export interface WorkerPlan extends ServePlan {
  /**
   * Behind the front end of `rxscgi dev`: only the primary ends the worker, because signals reach both, and the front end needs it a
   * little longer. The stacks of the application's errors are logged.
   */
  readonly isDev?: boolean;
  /** Whether the primary is told what happens on the connections. */
  readonly inspects?: boolean;
}

/** Serves a module until the primary tells it to stop: cold. Logs exchanges, and reports everything else to the primary. */
export function serveWorker({
  path,
  options,
  reload,
  log,
  isDev = false,
  inspects = false,
}: WorkerPlan): Observable<LogLine> {
  const addresses = verifyServeOptions(options).addresses.length;
  return withPrimary((primary) => {
    const { drain: until, end } = primary;
    const ended = end.pipe(mergeMap(() => throwError(() => new CommandError('', EXIT_ENDED))));
    const imported: string[] = [];
    const watching = (reload ? importedFiles() : EMPTY)
      .pipe(
        distinct(),
        take(MAX_IMPORTED_FILES),
        tap((file) => imported.push(file)),
        mergeMap((file) => primary.send({ rxscgi: 'imported', file })),
      )
      .subscribe();
    const inspect = inspects
      ? new EventBatches((batch) => primary.send({ rxscgi: 'inspected', batch }))
      : undefined;
    const serve = (handler: ScgiHandler): Observable<ServerEvent> =>
      serveScgi(handler, { ...options, onError: () => undefined, until, inspect });
    return runModule(path, until, serve, imported).pipe(
      connect((events) =>
        merge(
          messagesOf(events, addresses).pipe(concatMap(primary.send), ignoreElements()),
          events.pipe(filter(isExchange), failuresInFlags(), accessLog(log, { withStacks: isDev })),
        ),
      ),
      catchError((error: unknown) => tellFailure(error, primary)),
      finalize(() => watching.unsubscribe()),
      takeUntil(ended),
    );
  }, !isDev);
}

function messagesOf(events: Observable<ServerEvent>, addresses: number): Observable<WorkerMessage> {
  const ready = events.pipe(
    filter((event) => event.type === 'listening'),
    map(({ address }) => address),
    bufferCount(addresses),
    take(1),
    map((bound): WorkerMessage => ({ rxscgi: 'ready', addresses: bound })),
  );
  const draining = events.pipe(
    filter((event) => event.type === 'draining'),
    map(({ connections }): WorkerMessage => ({ rxscgi: 'draining', connections })),
  );
  return merge(ready, draining);
}

function isExchange({ type }: ServerEvent): boolean {
  return type === 'response' || type === 'failure';
}

/** Reports a failure to the primary, which prints it; where the primary is gone, the worker prints it. */
function tellFailure(error: unknown, { send }: PrimaryChannel): Observable<never> {
  const failure = error instanceof CommandError ? error : commandErrorOf(error);
  const { message, exitCode, lines } = failure;
  return send({ rxscgi: 'failed', message, exitCode, lines }).pipe(
    map((told) => {
      throw told ? new CommandError('', exitCode) : failure;
    }),
  );
}
