/** A subscriber that passes notifications on to an object that is not a subscriber itself. */
import { Subscriber } from 'rxjs';
import type { TextSink } from '../response/response-outlet.js';

/** Where the notifications go; none of the three may throw. */
export interface Target<T> {
  next(value: T): void;
  error(error: unknown): void;
  complete(): void;
  /** A finalizer of the source has thrown: after `error`, or in place of `complete`. Without this method, the source's caller gets it. */
  finalizerThrew?(fault: unknown): void;
}

/**
 * When a source that has ended is finalized: when the target unsubscribes, after the target has had its last notification, or
 * before that.
 */
export type Finalization = 'by-target' | 'after' | 'before';

/**
 * Passes everything on. It exists before the subscription begins, so that a synchronous source can be stopped from inside:
 * `source.subscribe(observer)` returns only when such a source has run to its end.
 *
 * One class for all purposes: with more than four classes of subscribers on a connection, engines look up each property that
 * RxJS uses of them, which takes 9 000 of 139 000 instructions of a GET.
 */
export class ForwardingSubscriber<T> extends Subscriber<T> {
  /** Takes text for bytes, where the target does: an encoder right in front of it need not fill a buffer. */
  readonly nextText: TextSink['nextText'] | undefined;

  constructor(
    readonly target: Target<T> & Partial<TextSink>,
    private readonly finalization: Finalization = 'by-target',
  ) {
    super();
    this.nextText = target.nextText && passText;
  }

  protected override _next(value: T): void {
    this.target.next(value);
  }

  protected override _error(error: unknown): void {
    const thrown = this.finalizeIf('before');
    try {
      this.target.error(error);
    } finally {
      this.tell(thrown ?? this.finalizeIf('after'));
    }
  }

  protected override _complete(): void {
    const thrown = this.finalizeIf('before');
    if (thrown !== undefined && this.target.finalizerThrew) {
      this.target.finalizerThrew(thrown);
      return;
    }
    try {
      this.target.complete();
    } finally {
      this.tell(thrown ?? this.finalizeIf('after'));
    }
  }

  /** @returns what a finalizer has thrown: the target gets its last notification all the same. */
  private finalizeIf(moment: Finalization): unknown {
    if (this.finalization !== moment) return undefined;
    try {
      this.unsubscribe();
    } catch (fault) {
      return fault;
    }
    return undefined;
  }

  private tell(thrown: unknown): void {
    if (thrown === undefined) return;
    if (!this.target.finalizerThrew) throw thrown as Error;
    this.target.finalizerThrew(thrown);
  }
}

/** One function for all subscribers, not a closure for each: a pipeline by hand makes them for each connection. */
function passText<T>(this: ForwardingSubscriber<T>, text: string): void {
  if (!this.closed) this.target.nextText?.(text);
}
