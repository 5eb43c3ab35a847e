/** The body of a request, as an Observable and as an AsyncIterable, over one {@link BodyChannel}. */
import { Observable, firstValueFrom, type Subscriber } from 'rxjs';
import type { BodyChannel } from './body-channel.js';
import { DerivedBody, failSubscriber } from './derived-body.js';

/** Marks what can be pulled, for every copy of the package in the process. */
const CHANNEL = Symbol.for('rxscgi.channel');

/**
 * One-shot: the first subscription, or the first iterator's first `next()`, takes the body.
 *
 *     source:     --a--b--c--|
 *     subscribe:    ----^b-c--|      a, b held until then: ----(ab)-c--|
 */
export class RequestBody extends DerivedBody<Uint8Array> implements AsyncIterable<Uint8Array> {
  readonly [CHANNEL]: BodyChannel;

  constructor(channel: BodyChannel) {
    super(channel, (subscriber) => subscribeToBody(channel, subscriber));
    this[CHANNEL] = channel;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return new BodyIterator(this[CHANNEL]);
  }
}

/** Takes a body for one subscriber, who drops it by leaving. */
export function subscribeToBody(channel: BodyChannel, subscriber: Subscriber<Uint8Array>): void {
  // Before the first delivery: the subscriber may want no more than that.
  if (channel.untaken) subscriber.add(() => channel.drop());
  const used = channel.subscribe({
    next: (data) => subscriber.next(data),
    error: (error) => failSubscriber(subscriber, channel, error),
    complete: () => subscriber.complete(),
  });
  if (used) subscriber.error(used);
}

/** The channel of a body, or `undefined` for anything else. */
export function channelOf(source: unknown): BodyChannel | undefined {
  return (source as { [CHANNEL]?: BodyChannel } | null | undefined)?.[CHANNEL];
}

type Result = IteratorResult<Uint8Array, undefined>;
const DONE: Result = { done: true, value: undefined };

/** Asks the channel for one chunk by each `next()`, so that `for await` pauses the sender while its body runs. */
class BodyIterator implements AsyncIterator<Uint8Array, undefined> {
  private state: 'unstarted' | 'reading' | 'over' | 'left' = 'unstarted';
  private failure: { readonly error: unknown } | undefined;
  private readonly waiting: Subscriber<Result>[] = [];

  constructor(private readonly channel: BodyChannel) {}

  next() {
    return firstValueFrom(new Observable<Result>((subscriber) => this.ask(subscriber)));
  }

  return() {
    this.finish();
    this.channel.drop();
    return firstValueFrom(new Observable<Result>((subscriber) => this.settle(subscriber)));
  }

  private ask(subscriber: Subscriber<Result>): void {
    if (this.state === 'over') {
      this.settle(subscriber);
      return;
    }
    this.waiting.push(subscriber);
    if (this.state === 'unstarted') this.start();
    if (this.state === 'reading') this.channel.pull();
  }

  private start(): void {
    this.state = 'reading';
    const used = this.channel.subscribePulling(
      {
        next: (value) => {
          const subscriber = this.waiting.shift();
          subscriber?.next({ done: false, value });
          subscriber?.complete();
        },
        error: (error, aside) => {
          if (aside) this.leave();
          else this.fail(error);
        },
        complete: () => this.finish(),
      },
      'for await',
    );
    if (!used) return;
    if (this.channel.missed) this.leave();
    else this.fail(used);
  }

  private fail(error: unknown): void {
    this.failure = { error };
    this.finish();
  }

  private finish(): void {
    this.state = 'over';
    for (const subscriber of this.waiting.splice(0)) this.settle(subscriber);
  }

  /** Never settles what waits: nobody would handle the rejection, and an end would make the body look complete. */
  private leave(): void {
    this.state = 'left';
    this.waiting.length = 0;
  }

  /** Like a generator, gives the error once, and after that the end. */
  private settle(subscriber: Subscriber<Result>): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure) {
      subscriber.error(failure.error);
      return;
    }
    subscriber.next(DONE);
    subscriber.complete();
  }
}
