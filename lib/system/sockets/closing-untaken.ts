/** Closes the connections that a listening socket has accepted for nobody. */
import { Observable } from 'rxjs';
import { DenseSet, type Member } from '../../server/dense-set.js';

/** What there is to know about the sockets of a runtime. */
export interface ListenedSockets<S> {
  /** Gets each new socket before anybody else; `forget` is to be called when it is closed. */
  adopt(socket: S, forget: () => void): void;
  /** Whether somebody reads or writes it, or has done so. */
  isTaken(socket: S): boolean;
  close(socket: S): void;
}

interface Accepted<S> extends Member {
  readonly socket: S;
}

/** Emits the sockets that `accept` passes to its callback; closes those that are left over when the result is unsubscribed. */
export function closingUntaken<S>(
  accept: (connected: (socket: S) => void) => Observable<never>,
  sockets: ListenedSockets<S>,
): Observable<S> {
  return new Observable((subscriber) => {
    const open = new DenseSet<Accepted<S>>();
    let completed = false;
    const connected = (socket: S): void => {
      const accepted = { setIndex: -1, socket };
      open.add(accepted);
      sockets.adopt(socket, () => open.delete(accepted));
      subscriber.next(socket);
    };
    const closeRest = (): void => {
      for (const { socket } of open.snapshot()) if (!sockets.isTaken(socket)) sockets.close(socket);
    };
    subscriber.add(() => {
      // Who has waited for a socket by `await` gets it in a microtask. Operators deliver the rest after completion.
      if (!completed && open.size > 0) setImmediate(closeRest);
    });
    const accepting = accept(connected).subscribe({
      error: (error: unknown) => subscriber.error(error),
      complete: () => {
        completed = true;
        subscriber.complete();
      },
    });
    subscriber.add(accepting);
  });
}
