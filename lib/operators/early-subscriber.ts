/** A subscriber that exists before the subscription begins, so that a synchronous source can be stopped from inside. */
import { Subscriber } from 'rxjs';

/** Where the notifications go; none of the three may throw. */
export interface Target<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
}

/**
 * `source.subscribe(observer)` gives its Subscription only when a synchronous source has run to its end. This is the
 * Subscription from the start: unsubscribed by one of the target's own methods, it makes the source stop there.
 */
export class EarlySubscriber<T> extends Subscriber<T> {
  constructor(private readonly target: Target<T>) {
    super();
  }

  protected override _next(value: T): void {
    this.target.next(value);
  }

  protected override _error(error: unknown): void {
    this.unsubscribe();
    this.target.error(error);
  }

  protected override _complete(): void {
    this.unsubscribe();
    this.target.complete();
  }
}
