// Lets a number of Observables run at once. Others wait for their turn.
import { Observable, Subject, mergeMap } from 'rxjs';
import { HttpError } from 'rxscgi';

/**
 * Makes an operator that all requests of this process share.
 *
 * @param {number} most - sources that are subscribed at once.
 * @param {number} maxWaiting - sources that wait for their turn. One more fails with 503.
 * @returns {<T>(source: Observable<T>) => Observable<T>}
 */
export function limitTo(most, maxWaiting) {
  const turns = new Subject();
  turns.pipe(mergeMap((turn) => turn, most)).subscribe();
  let waiting = 0;
  return (source) =>
    new Observable((subscriber) => {
      if (waiting >= maxWaiting) throw new HttpError(503);
      waiting++;
      const turn = new Observable((end) => {
        waiting--;
        // The turn is over when the source is, or when its subscriber has left, perhaps before the turn began.
        subscriber.add(() => end.complete());
        if (!subscriber.closed) source.subscribe(subscriber);
      });
      turns.next(turn);
    });
}
