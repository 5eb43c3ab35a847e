/** A subscriber that exists before the subscription begins, so that a synchronous source can be stopped from inside. */
import { ForwardingSubscriber } from './forwarding-subscriber.js';

/**
 * `source.subscribe(observer)` gives its Subscription only when a synchronous source has run to its end. This is the
 * Subscription from the start: unsubscribed by one of the target's own methods, it makes the source stop there.
 */
export class EarlySubscriber<T> extends ForwardingSubscriber<T> {
  protected override _error(error: unknown): void {
    this.unsubscribe();
    super._error(error);
  }

  protected override _complete(): void {
    this.unsubscribe();
    super._complete();
  }
}
