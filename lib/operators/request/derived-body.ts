/** Observables of a request's body: when it breaks off and nobody listens for errors, they end in silence. */
import {
  Observable,
  Subscriber,
  throwError,
  type Observer,
  type Operator,
  type Subscription,
  type TeardownLogic,
} from 'rxjs';
import { isScgiError } from '../../core/errors/errors.js';
import type { BodyChannel } from './body-channel.js';

/** Marks what derives from a body, for every copy of the package in the process. */
const ROOT = Symbol.for('rxscgi.root');

type Next<T> = ((value: T) => void) | null;
type Failed = ((error: unknown) => void) | null;
type Completed = (() => void) | null;

/**
 * An Observable that derives from a request's body. `pipe` gives results of this class, too, by RxJS's `lift`.
 *
 * RxJS turns an error without an error callback into an uncaught exception. A client that breaks off an upload must not
 * end the process, so here such a subscriber is just unsubscribed.
 */
export class DerivedBody<T> extends Observable<T> {
  readonly [ROOT]: BodyChannel;

  constructor(channel: BodyChannel, subscribe?: (subscriber: Subscriber<T>) => TeardownLogic) {
    super(subscribe);
    this[ROOT] = channel;
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const derived = new DerivedBody<R>(this[ROOT]);
    derived.source = this;
    derived.operator = operator;
    return derived;
  }

  override subscribe(observer?: Partial<Observer<T>> | ((value: T) => void)): Subscription;
  override subscribe(next?: Next<T>, error?: Failed, complete?: Completed): Subscription;
  override subscribe(
    first?: Partial<Observer<T>> | Next<T>,
    error?: Failed,
    complete?: Completed,
  ): Subscription {
    const observer = typeof first === 'object' && first !== null ? first : { next: first, error, complete };
    if (observer.error) return super.subscribe(observer as Observer<T>);
    return super.subscribe({
      next: (value) => observer.next?.(value),
      error: (fault: unknown) => reportUnlessFrom(this[ROOT], fault),
      complete: () => observer.complete?.(),
    });
  }
}

/** The channel of the body from which an Observable derives by operators, or `undefined`. */
export function rootChannelOf(source: unknown): BodyChannel | undefined {
  return (source as { [ROOT]?: BodyChannel } | null | undefined)?.[ROOT];
}

/**
 * Errors a subscriber to a body. The operators on the way get the error; at their end, it is dropped where nobody listens.
 *
 * This is for chains that begin elsewhere (`merge(body, more)`, `defer(() => body)`), whose end is subscribed by RxJS.
 */
export function failSubscriber(subscriber: Subscriber<never>, channel: BodyChannel, error: unknown): void {
  const end = endOf(subscriber);
  const consumer = end.destination as Consumer;
  if (consumer.partialObserver && !consumer.partialObserver.error) {
    end.destination = {
      next: (value) => consumer.next(value),
      error: (fault) => reportUnlessFrom(channel, fault),
      complete: () => consumer.complete(),
    };
  }
  subscriber.error(error);
}

/** What RxJS 7.5.6 and later put at the end of a chain. Before that, nothing shows whether there is an error callback. */
interface Consumer extends Observer<unknown> {
  readonly partialObserver?: Partial<Observer<unknown>>;
}

interface Link {
  destination: Observer<unknown> | Link | null | undefined;
}

/** The last subscriber of a chain of operators: RxJS links each one to the next. */
function endOf(subscriber: Subscriber<never>): Link {
  let link = subscriber as unknown as Link;
  while (link.destination instanceof Subscriber) link = link.destination as unknown as Link;
  return link;
}

/** Drops errors of ours; those of the application are reported as RxJS reports them. */
function reportUnlessFrom(channel: BodyChannel, error: unknown): void {
  if (isScgiError(error) || channel.failedWith(error)) return;
  throwError(() => error).subscribe();
}
