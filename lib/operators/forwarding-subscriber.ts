/** What makes a source's subscriber of what is none itself. */
import { Subscriber } from 'rxjs';

/** Where the notifications go; none of the three may throw. */
export interface Target<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
}

/** Passes everything on, and stays subscribed after the end: the source is finalized when the target says that it is over. */
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
