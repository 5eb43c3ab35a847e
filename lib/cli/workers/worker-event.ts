/** What the primary knows of its workers, and what it reports. */
import type { Observable } from 'rxjs';
import { CommandError, commandErrorOf } from '../command-error.js';

/** What a worker reports about itself. */
export type WorkerEvent =
  /** It listens on all addresses. */
  | { readonly type: 'worker-ready'; readonly pid: number; readonly addresses: readonly string[] }
  /** It accepts no more connections, and finishes those that it has. */
  | { readonly type: 'worker-draining'; readonly pid: number; readonly connections: number };

/**
 * Starts a worker: cold.
 *
 *     until:   -----------u
 *     result:  --r--------d---|      r ready, d draining; completes when the process has ended with 0
 *
 * Unsubscribing kills it. Error notifications: {@link WorkerDeath}, for any other end.
 */
export type StartWorker = (until: Observable<unknown>) => Observable<WorkerEvent>;

/** An end of a worker other than exit code 0. */
export class WorkerDeath extends CommandError {
  /**
   * @param pid - 0 when the process could not be started.
   * @param reason - `SIGKILL`, `exit code 1`, or what the worker itself reported.
   * @param lines - the stack of the error that ended it, where there was one.
   */
  constructor(
    readonly pid: number,
    readonly reason: string,
    message: string,
    exitCode: number,
    lines: readonly string[] = [],
  ) {
    super(message, exitCode, lines);
  }
}

/** Makes a death of any error, such as the system's when a process cannot be started. */
export function deathOf(error: unknown, pid = 0): WorkerDeath {
  if (error instanceof WorkerDeath) return error;
  const { message, exitCode } = commandErrorOf(error);
  return new WorkerDeath(pid, message, message, exitCode);
}

/** What the command reports about its processes, in addition to the events of its servers. */
export type PoolEvent =
  /** All workers listen on an address. */
  | { readonly type: 'listening'; readonly address: string }
  | WorkerEvent
  | {
      readonly type: 'worker-died';
      readonly pid: number;
      readonly reason: string;
      /** When the next one starts; `undefined` where none does, because the worker was to end anyway. */
      readonly restartInMs: number | undefined;
    }
  /** SIGHUP or a change of the code: the workers are being replaced, one by one. */
  | { readonly type: 'reloading' }
  | { readonly type: 'reloaded' }
  /** A new worker failed, or does not listen; the old ones go on. */
  | { readonly type: 'reload-failed'; readonly reason: string }
  /** SIGHUP in a process without workers. */
  | { readonly type: 'reload-ignored' }
  /** `rxscgi dev`: this file has changed, and the application is started anew. */
  | { readonly type: 'restarting'; readonly file: string }
  | { readonly type: 'restarted' }
  /** `rxscgi dev`: the application did not load, or has ended; the next change starts it anew. */
  | { readonly type: 'application-failed'; readonly reason: string }
  /** Changes of the code are not noticed. */
  | { readonly type: 'watch-failed'; readonly reason: string }
  /** `rxscgi dev --open`: no browser was opened. */
  | { readonly type: 'open-failed'; readonly reason: string }
  /** `rxscgi dev --inspect`: the live view is there. */
  | { readonly type: 'inspecting'; readonly url: string }
  /** All workers are told to drain. */
  | { readonly type: 'pool-draining'; readonly workers: number }
  | { readonly type: 'closed' }
  /** The service manager cannot be notified. */
  | { readonly type: 'manager-unreachable'; readonly reason: string };
