/** The events of a server, whose subscribers may throw: a mistake in a log must not end all connections. */
import {
  Observable,
  Subscriber,
  config,
  type Observer,
  type Operator,
  type Subscription,
  type TeardownLogic,
} from 'rxjs';

/**
 * An Observable whose subscribers may throw in `next`. `pipe` gives results of this class, too, by RxJS's `lift`.
 *
 * RxJS turns such an exception into an uncaught one, which ends the process. Here `threw` gets it, unless the application
 * has set `config.onUnhandledError`, to which RxJS passes it then.
 */
export class GuardedEvents<T> extends Observable<T> {
  constructor(
    private readonly threw: (error: unknown) => void,
    subscribe?: (subscriber: Subscriber<T>) => TeardownLogic,
  ) {
    super(subscribe);
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const derived = new GuardedEvents<R>(this.threw);
    derived.source = this;
    derived.operator = operator;
    return derived;
  }

  override subscribe(observer?: Partial<Observer<T>> | ((value: T) => void)): Subscription;
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(
    first?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator's own subscriber: the end of the chain is guarded.
    if (first instanceof Subscriber) return super.subscribe(first);
    const observer = (
      typeof first === 'object' && first !== null ? first : { next: first, error, complete }
    ) as Partial<Observer<T>>;
    const guarded: Partial<Observer<T>> = { next: (value) => this.deliver(observer, value) };
    // Without a callback for it, an error is uncaught as usual: the server has not started, or is over.
    if (observer.error) guarded.error = (fault) => observer.error?.(fault);
    if (observer.complete) guarded.complete = () => observer.complete?.();
    return super.subscribe(guarded);
  }

  private deliver(observer: Partial<Observer<T>>, value: T): void {
    try {
      observer.next?.(value);
    } catch (error) {
      if (config.onUnhandledError) throw error;
      this.threw(error);
    }
  }
}
