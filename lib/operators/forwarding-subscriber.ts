/** Subscribers that pass notifications on to an object that is not a subscriber itself. */
import { Subscriber } from 'rxjs';

/** Where the notifications go; none of the three may throw. */
export interface Target<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
}

/** Passes everything on and stays subscribed after the end: the target decides when the source is finalized. */
export class ForwardingSubscriber<T> extends Subscriber<T> {
  constructor(private readonly target: Target<T>) {
    super();
  }

  protected override _next(value: T): void {
    this.target.next(value);
  }

  protected override _error(error: unknown): void {
    this.target.error(error);
  }

  protected override _complete(): void {
    this.target.complete();
  }
}

/** Passes everything on, and finalizes a source that has ended, but only after the target has had its last notification. */
export class EndingSubscriber<T> extends ForwardingSubscriber<T> {
  protected override _error(error: unknown): void {
    try {
      super._error(error);
    } finally {
      this.unsubscribe();
    }
  }

  protected override _complete(): void {
    try {
      super._complete();
    } finally {
      this.unsubscribe();
    }
  }
}

/**
 * Passes everything on, but finalizes a source that has ended first. It exists before the subscription begins, so that a
 * synchronous source can be stopped from inside: `source.subscribe(observer)` returns only when such a source has run to its end.
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
