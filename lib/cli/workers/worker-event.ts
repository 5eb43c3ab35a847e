/** What a worker process does, as its primary sees it. */
import type { Observable } from 'rxjs';
import { CommandError } from '../command-error.js';

export type WorkerEvent =
  /** It listens, on all addresses. */
  | { readonly type: 'worker-ready'; readonly pid: number; readonly addresses: readonly string[] }
  /** It accepts no more connections, and lets those that it has finish. */
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

/** A worker's end that was none of peace. */
export class WorkerDeath extends CommandError {
  /**
   * @param pid - 0 when there was no process to begin with.
   * @param reason - `SIGKILL`, `exit code 1`, or what the worker itself said.
   */
  constructor(
    readonly pid: number,
    readonly reason: string,
    message: string,
    exitCode: number,
  ) {
    super(message, exitCode);
  }
}

export type PoolEvent =
  /** An address, once all workers listen. */
  | { readonly type: 'listening'; readonly address: string }
  | WorkerEvent
  | {
      readonly type: 'worker-died';
      readonly pid: number;
      readonly reason: string;
      /** When another one starts; none does where it was on its way out anyway. */
      readonly restartInMs: number | undefined;
    }
  /** SIGHUP: the workers are being replaced, one after the other. */
  | { readonly type: 'reloading' }
  | { readonly type: 'reloaded' }
  /** A new worker has failed, or does not listen; those that there are go on. */
  | { readonly type: 'reload-failed'; readonly reason: string }
  /** SIGHUP, and no workers. */
  | { readonly type: 'reload-ignored' }
  /** All workers are told to drain. */
  | { readonly type: 'pool-draining'; readonly workers: number }
  | { readonly type: 'closed' }
  /** The service manager cannot be told. */
  | { readonly type: 'manager-unreachable'; readonly reason: string };
