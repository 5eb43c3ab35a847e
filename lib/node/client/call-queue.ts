/** Gives a limited number of places to those who wait, in the order of their arrival. */
import { Observable } from 'rxjs';
import { ScgiLimitError } from '../../core/errors/errors.js';

/** Gives its place back; to be called once. */
export type Leave = () => void;

export class CallQueue {
  private used = 0;
  private admitting = false;
  /** In the order of arrival; a set, so that leaving the queue costs the same at any length. */
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly concurrency: number,
    private readonly maxWaiting: number,
  ) {}

  /**
   * Waits for a place.
   *
   *     other places:  ttt---l--       t: taken, l: left
   *     take():        ------(l|)      l: the function that gives the place back
   *
   * Unsubscribing leaves the queue. Error notifications: ERR_SCGI_TOO_MANY_CALLS when `maxWaiting` others wait already.
   */
  take(): Observable<Leave> {
    return new Observable((subscriber) => {
      const { waiting, maxWaiting } = this;
      if (this.used >= this.concurrency && waiting.size >= maxWaiting) {
        subscriber.error(tooMany(maxWaiting));
        return;
      }
      const enter = (): void => {
        subscriber.next(() => {
          this.used--;
          this.admit();
        });
        subscriber.complete();
      };
      waiting.add(enter);
      subscriber.add(() => waiting.delete(enter));
      this.admit();
    });
  }

  /** A loop: a call that is over at once gives its place back from inside. */
  private admit(): void {
    if (this.admitting) return;
    this.admitting = true;
    for (const enter of this.waiting) {
      if (this.used >= this.concurrency) break;
      this.waiting.delete(enter);
      this.used++;
      enter();
    }
    this.admitting = false;
  }
}

function tooMany(limit: number): ScgiLimitError {
  return new ScgiLimitError(
    'ERR_SCGI_TOO_MANY_CALLS',
    `${limit} calls wait for a connection already, as many as maxWaitingCalls allows`,
    limit,
    limit + 1,
  );
}
