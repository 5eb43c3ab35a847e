/** What the command says of its processes, beside what its servers say of themselves. */
import type { WorkerEvent } from './worker-event.js';

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
