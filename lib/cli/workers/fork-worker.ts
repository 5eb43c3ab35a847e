/**
 * Starts a worker process, as an Observable for its primary.
 *
 * SIGINT and SIGTERM often reach all processes, in any order and at any time of a worker's life:
 *
 *     state     until                          such a signal
 *     booting   it tells that it is attached   kills it: it had nothing to drain, which is as good as exit code 0
 *     starting  it tells that it is ready      makes it abandon `start()` and exit with 0
 *     ready     it is told to drain            makes it drain and exit with 0
 *     draining  it has drained                 does nothing
 *     ending    the process is gone            does nothing
 *
 * The primary may learn of the worker's end before it gets the signal itself: see `keepRunning`.
 */
import cluster, { type Worker } from 'node:cluster';
import { Observable, asyncScheduler, take } from 'rxjs';
import { MAX_TIMEOUT_MS } from '../../core/options.js';
import { PRIMARY_VARIABLE } from '../../system/addresses/worker-socket.js';
import { EXIT_FAILED } from '../command-error.js';
import type { InspectBatch } from '../inspect/inspect-record.js';
import { WorkerDeath, type WorkerEvent } from './worker-event.js';
import type { WorkerReaper } from './worker-reaper.js';
import { isOurs, type PrimaryMessage, type WorkerMessage } from './with-primary.js';

export interface ForkOptions {
  /** The name by which the worker knows this process. */
  readonly primaryName: string;
  /** Tells the worker to drain. */
  readonly until: Observable<unknown>;
  /** Tells the worker to end at once. */
  readonly end: Observable<unknown>;
  /** How long the worker may take to drain before it is killed: a stuck one does not receive the message. */
  readonly drainDeadlineMs: number;
  /** Receives the files that the application imports, where the worker tells them. */
  readonly imported?: ((file: string) => void) | undefined;
  /** Receives what happens on its connections, where the worker tells it. */
  readonly inspected?: ((batch: InspectBatch) => void) | undefined;
  /** Kills the worker if it is stuck when this process vanishes. */
  readonly reaper: WorkerReaper;
}

/** How long a worker may take to end at once: time to reset its connections. */
const END_DEADLINE_MS = 500;

/** How long a worker may take to drain when it does not listen yet: it only has to abandon its `start()`. */
const START_DEADLINE_MS = 5000;

/** The signals that are sent to all processes to end them. */
const STOP_SIGNALS: readonly (string | undefined)[] = ['SIGINT', 'SIGTERM'];

/** Only the primary notifies the service manager. */
const PRIMARYS_OWN = { NOTIFY_SOCKET: undefined, WATCHDOG_USEC: undefined, WATCHDOG_PID: undefined };

/**
 * Forks a worker, which runs the same command line: cold. See `StartWorker`.
 *
 * Each worker accepts its own connections. None is handed from process to process, because SCGI opens one for each request.
 */
export function forkWorker({
  primaryName,
  until,
  end,
  drainDeadlineMs,
  imported,
  inspected,
  reaper,
}: ForkOptions): Observable<WorkerEvent> {
  return new Observable((subscriber) => {
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    const worker = cluster.fork({ ...PRIMARYS_OWN, [PRIMARY_VARIABLE]: primaryName });
    const pid = worker.process.pid ?? 0;
    let failure: WorkerDeath | undefined;
    let lines: readonly string[] = [];
    let attached = false;
    let order: PrimaryMessage | undefined;
    let isReady = false;
    if (pid !== 0) reaper.watch(pid);

    worker.on('message', (message: unknown) => {
      if (!isOurs(message)) return;
      const told = message as WorkerMessage;
      switch (told.rxscgi) {
        case 'attached':
          attached = true;
          if (order) send(worker, order);
          break;
        case 'ready':
          isReady = true;
          subscriber.next({ type: 'worker-ready', pid, addresses: told.addresses });
          break;
        case 'draining':
          subscriber.next({ type: 'worker-draining', pid, connections: told.connections });
          break;
        case 'failed':
          failure = new WorkerDeath(pid, told.message, told.message, told.exitCode, told.lines);
          break;
        case 'imported':
          imported?.(told.file);
          break;
        case 'inspected':
          inspected?.(told.batch);
          break;
        case 'crashed':
          ({ lines } = told);
          break;
        default:
          told satisfies never;
      }
    });
    worker.on('error', ({ message }) => {
      // A channel that breaks under a worker that ends is reported too; its end follows.
      if (pid === 0) subscriber.error(new WorkerDeath(pid, message, message, EXIT_FAILED));
    });
    whenOver(worker, (how) => {
      reaper.forget(pid);
      if (failure) subscriber.error(failure);
      else if (!attached && STOP_SIGNALS.includes(how)) subscriber.complete();
      else if (how === undefined) subscriber.complete();
      else subscriber.error(new WorkerDeath(pid, how, `worker ${pid} died: ${how}`, EXIT_FAILED, lines));
    });

    const tell = (what: PrimaryMessage['rxscgi'], deadlineMs: number): void => {
      order = { rxscgi: what };
      if (attached) send(worker, order);
      if (deadlineMs > MAX_TIMEOUT_MS) return;
      subscriber.add(asyncScheduler.schedule(() => worker.process.kill('SIGKILL'), deadlineMs));
    };
    subscriber.add(
      until.pipe(take(1)).subscribe(() => {
        // One that does not listen yet has nothing to drain.
        tell('drain', isReady ? drainDeadlineMs : Math.min(drainDeadlineMs, START_DEADLINE_MS));
      }),
    );
    subscriber.add(end.pipe(take(1)).subscribe(() => tell('end', END_DEADLINE_MS)));
    return () => {
      if (!worker.isDead()) worker.process.kill('SIGKILL');
    };
  });
}

function send(worker: Worker, message: PrimaryMessage): void {
  // A worker that has ended cannot be told, and need not be.
  worker.send(message, () => undefined);
}

/**
 * Calls back when a worker has ended and its last message has been received; with `undefined` for exit code 0.
 *
 * `disconnect` is no substitute: it is never emitted for a worker that ends while it receives a listening socket.
 */
function whenOver(worker: Worker, over: (how: string | undefined) => void): void {
  worker.process.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
    over(signal ?? (code === 0 ? undefined : `exit code ${code}`));
  });
}
