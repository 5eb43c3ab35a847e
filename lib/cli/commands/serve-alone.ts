/** `rxscgi serve` in one process. */
import {
  connect,
  endWith,
  from,
  ignoreElements,
  map,
  merge,
  switchMap,
  takeUntil,
  type Observable,
} from 'rxjs';
import { serveScgi } from '../../node/serve-scgi.js';
import type { ScgiHandler } from '../../operators/types.js';
import type { ServerEvent } from '../../server/server-event.js';
import type { ServeOptions } from '../../system/serving/serve-options.js';
import { isClusterWorker } from '../../system/addresses/worker-socket.js';
import { accessLog } from '../log/access-log.js';
import { runModule } from '../application/application.js';
import { hangups, drainOnSignal } from '../process/stop-signals.js';
import { failuresInFlags } from '../log/in-flags.js';
import type { LogLine } from '../log/log-output.js';
import type { PoolEvent } from '../workers/worker-event.js';
import { processLog } from '../log/process-log.js';
import type { ServePlan } from './serve-options.js';
import { tellServiceManager } from '../process/service-manager.js';

/** Serves a module until a signal comes: cold. */
export function serveAlone({ path, options, log }: ServePlan): Observable<LogLine> {
  const { closed, reload } = hangups();
  const serving = drainOnSignal(
    (until) =>
      runModule(path, until, (handler) => serve(handler, { ...options, onError: () => undefined, until })),
    closed,
  );
  return serving.pipe(
    connect((events) => {
      const ignored = reload.pipe(
        map((): PoolEvent => ({ type: 'reload-ignored' })),
        takeUntil(events.pipe(ignoreElements(), endWith('over'))),
      );
      const aside = merge(events.pipe(tellServiceManager()), ignored);
      return merge(events.pipe(failuresInFlags(), accessLog(log)), aside.pipe(processLog(log)));
    }),
  );
}

/** Serves on Bun by its own sockets, which cost half of those of `node:net`, but for a worker, which shares one. Node.js never loads that. */
function serve(handler: ScgiHandler, options: ServeOptions): Observable<ServerEvent> {
  if (process.versions['bun'] === undefined || isClusterWorker()) return serveScgi(handler, options);
  return from(import('../../bun/serve-scgi.js')).pipe(switchMap((bun) => bun.serveScgi(handler, options)));
}
