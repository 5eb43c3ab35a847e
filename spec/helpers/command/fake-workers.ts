/** Worker processes of virtual time. */
import {
  EMPTY,
  NEVER,
  concat,
  concatMap,
  defer,
  delay,
  identity,
  ignoreElements,
  map,
  of,
  takeUntil,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { EXIT_FAILED } from '../../../lib/cli/command-error.js';
import {
  type PoolEvent,
  WorkerDeath,
  type StartWorker,
  type WorkerEvent,
} from '../../../lib/cli/workers/worker-event.js';

/** A worker's life, in milliseconds. */
export interface Life {
  /** From its start until it dies without ever having listened. */
  readonly fails?: number;
  /** From its start until it listens. Default 2. */
  readonly ready?: number;
  /** From then until it dies. */
  readonly dies?: number;
  /** From then until it exits with 0, though nobody has told it to. */
  readonly leaves?: number;
  /** From when it is told to drain until it hears of it. Default 0. */
  readonly hears?: number;
  /** From then until it has drained. Default 3. */
  readonly drains?: number;
  /** It dies as it drains. */
  readonly diesDraining?: boolean;
}

/** Starts workers 1, 2, 3, … with these lives; those beyond live as the last one does. */
export function fakeWorkers(...lives: readonly Life[]): StartWorker {
  let count = 0;
  return (until) =>
    defer(() => {
      const pid = ++count;
      const life = lives[Math.min(pid, lives.length) - 1] as Life;
      let listens = false;
      let told = false;
      const untold = lifeOf(pid, life).pipe(
        tap(() => (listens = true)),
        takeUntil(
          until.pipe(
            life.hears === undefined ? identity : delay(life.hears),
            tap(() => (told = true)),
          ),
        ),
      );
      return concat(
        untold,
        defer(() => (told ? drainOf(pid, life, listens) : EMPTY)),
      );
    });
}

function lifeOf(pid: number, { fails, ready = 2, dies, leaves }: Life): Observable<WorkerEvent> {
  if (fails !== undefined) return death(pid, 'it failed', fails);
  const end =
    dies !== undefined ? death(pid, 'SIGKILL', dies) : leaves !== undefined ? silence(leaves) : NEVER;
  return concat(
    timer(ready).pipe(map((): WorkerEvent => ({ type: 'worker-ready', pid, addresses: ['a', 'b'] }))),
    end,
  );
}

function drainOf(
  pid: number,
  { drains = 3, diesDraining = false }: Life,
  listens: boolean,
): Observable<WorkerEvent> {
  const draining: WorkerEvent = { type: 'worker-draining', pid, connections: 0 };
  return concat(
    listens ? of(draining) : EMPTY,
    diesDraining ? death(pid, 'SIGKILL', drains) : silence(drains),
  );
}

function silence(ms: number): Observable<never> {
  return timer(ms).pipe(ignoreElements());
}

function death(pid: number, reason: string, ms: number): Observable<never> {
  return timer(ms).pipe(
    concatMap(() => throwError(() => new WorkerDeath(pid, reason, `worker ${pid}: ${reason}`, EXIT_FAILED))),
  );
}

/** An event as it is to be read. */
export function showPoolEvent(event: PoolEvent): string {
  switch (event.type) {
    case 'worker-ready':
      return `ready ${event.pid}`;
    case 'worker-draining':
      return `drains ${event.pid}`;
    case 'worker-died': {
      const next = event.restartInMs === undefined ? 'and is not missed' : `again in ${event.restartInMs}`;
      return `died ${event.pid} (${event.reason}), ${next}`;
    }
    case 'listening':
      return `listening ${event.address}`;
    case 'reload-failed':
      return `reload failed: ${event.reason}`;
    default:
      return event.type;
  }
}
