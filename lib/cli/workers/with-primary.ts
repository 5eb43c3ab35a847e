/** A worker's side of the channel to its primary. */
import cluster from 'node:cluster';
import { Observable, ReplaySubject, Subject } from 'rxjs';
import { errorLines } from '../../core/errors/error-facts.js';
import type { InspectBatch } from '../inspect/inspect-record.js';

export interface PrimaryChannel {
  /** Notifies when the worker is to drain; replays. */
  readonly drain: Observable<void>;
  /** Notifies when the worker is to end at once. */
  readonly end: Observable<void>;
  /** Sends a message to the primary: cold; emits whether it was sent, and completes. */
  readonly send: (message: WorkerMessage) => Observable<boolean>;
}

/**
 * Opens the channel while the result of `use` is subscribed.
 *
 * A worker drains when its primary tells it to, when the primary is gone, and at SIGINT and SIGTERM, which a terminal or a service
 * manager sends to the whole group of processes. SIGHUP is for the primary. From now on no signal kills the process, also while it
 * ends: the one that was sent to the whole group may arrive after the primary's message, when there is nothing left to drain.
 *
 * @param obeysSignals - whether SIGINT and SIGTERM count; they are ignored otherwise.
 */
export function withPrimary<T>(
  use: (primary: PrimaryChannel) => Observable<T>,
  obeysSignals = true,
): Observable<T> {
  return new Observable((subscriber) => {
    const drain = new ReplaySubject<void>(1);
    const end = new Subject<void>();
    const received = (message: unknown): void => {
      if (!isOurs(message)) return;
      if ((message as PrimaryMessage).rxscgi === 'drain') drain.next();
      else end.next();
    };
    const drainNow = (): void => drain.next();
    const abandoned = (): void => {
      // Node.js ends a worker at once when its primary is gone, unless this is set.
      if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
      drainNow();
    };
    const ignore = (): void => undefined;
    const signalled = obeysSignals ? drainNow : ignore;
    process.on('SIGINT', signalled).on('SIGTERM', signalled).on('SIGHUP', ignore);
    process.on('message', received).on('uncaughtExceptionMonitor', crashed);
    cluster.worker?.on('disconnect', abandoned);
    subscriber.add(() => {
      process.off('message', received).off('uncaughtExceptionMonitor', crashed);
      cluster.worker?.off('disconnect', abandoned);
    });
    subscriber.add(send({ rxscgi: 'attached' }).subscribe());
    subscriber.add(use({ drain, end, send }).subscribe(subscriber));
  });
}

/** Tells the primary why this process is about to crash. Node.js prints the error as well, and ends the process. */
function crashed(error: unknown): void {
  send({ rxscgi: 'crashed', lines: errorLines(error) }).subscribe();
}

function send(message: WorkerMessage): Observable<boolean> {
  return new Observable((subscriber) => {
    const told = (done: boolean): void => {
      subscriber.next(done);
      subscriber.complete();
    };
    if (!process.connected) told(false);
    else process.send?.(message, undefined, undefined, (error) => told(error === null));
  });
}

/** A message to the primary. */
export type WorkerMessage =
  /** The worker receives messages from now on; earlier ones are lost. */
  | { readonly rxscgi: 'attached' }
  | { readonly rxscgi: 'ready'; readonly addresses: readonly string[] }
  | { readonly rxscgi: 'draining'; readonly connections: number }
  /** The worker ends with this exit code. The primary is to print the message. */
  | {
      readonly rxscgi: 'failed';
      readonly message: string;
      readonly exitCode: number;
      readonly lines: readonly string[];
    }
  /** The application has imported this file. */
  | { readonly rxscgi: 'imported'; readonly file: string }
  /** What has happened on the connections. */
  | { readonly rxscgi: 'inspected'; readonly batch: InspectBatch }
  /** The worker dies of an uncaught error. */
  | { readonly rxscgi: 'crashed'; readonly lines: readonly string[] };

/** A message to a worker. */
export interface PrimaryMessage {
  /** `drain`: finish the requests under way, then end. `end`: end at once. */
  readonly rxscgi: 'drain' | 'end';
}

/** Tells these messages from those that an application sends itself. */
export function isOurs(message: unknown): message is { readonly rxscgi: unknown } {
  return typeof message === 'object' && message !== null && 'rxscgi' in message;
}
