/** A worker's side of the channel to its primary. */
import cluster from 'node:cluster';
import { Observable, ReplaySubject, Subject } from 'rxjs';

export interface PrimaryChannel {
  /** Notifies when it is time to drain; replays. */
  readonly drain: Observable<void>;
  /** Notifies when it is time to end at once. */
  readonly end: Observable<void>;
  /** Tells the primary, as soon as it is subscribed; emits whether it has been told, and completes. */
  readonly send: (message: WorkerMessage) => Observable<boolean>;
}

/**
 * Opens the channel, for as long as the result of `use` is subscribed.
 *
 * A worker drains when its primary says so, when the primary is gone, and at SIGINT and SIGTERM, which reach the whole group
 * of processes from a terminal or a service manager. It leaves SIGHUP to the primary.
 */
export function withPrimary<T>(use: (primary: PrimaryChannel) => Observable<T>): Observable<T> {
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
      // Node.js ends a worker that has lost its primary at once, unless it goes of its own accord.
      if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
      drain.next();
    };
    const ignore = (): void => undefined;
    process.on('message', received).on('SIGINT', drainNow).on('SIGTERM', drainNow).on('SIGHUP', ignore);
    cluster.worker?.on('disconnect', abandoned);
    subscriber.add(() => {
      process.off('message', received).off('SIGINT', drainNow).off('SIGTERM', drainNow).off('SIGHUP', ignore);
      cluster.worker?.off('disconnect', abandoned);
    });
    subscriber.add(send({ rxscgi: 'attached' }).subscribe());
    subscriber.add(use({ drain, end, send }).subscribe(subscriber));
  });
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

/** To the primary. */
export type WorkerMessage =
  /** It takes messages from now on; earlier ones are lost. */
  | { readonly rxscgi: 'attached' }
  | { readonly rxscgi: 'ready'; readonly addresses: readonly string[] }
  | { readonly rxscgi: 'draining'; readonly connections: number }
  /** It ends, with this line and this exit code; nothing has been printed. */
  | { readonly rxscgi: 'failed'; readonly message: string; readonly exitCode: number };

/** To a worker. */
export interface PrimaryMessage {
  /** `drain`: finish what is under way. `end`: at once. */
  readonly rxscgi: 'drain' | 'end';
}

/** Whether a message is one of these: an application may send its own. */
export function isOurs(message: unknown): message is { readonly rxscgi: unknown } {
  return typeof message === 'object' && message !== null && 'rxscgi' in message;
}
