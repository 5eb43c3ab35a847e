/** The body of a request as Observable and as AsyncIterable, over one {@link BodyChannel}. */
import { Observable, firstValueFrom, type Subscriber } from 'rxjs';
import type { BodyChannel } from './body-channel.js';

/** Marks what can be pulled, for every copy of the package in the process. */
const CHANNEL = Symbol.for('rxscgi.channel');

/** Marks what derives from a body by an operator of ours. */
const ROOT = Symbol.for('rxscgi.root');

/**
 * One-shot: the first subscription, or the first iterator's first `next()`, takes the body.
 *
 *     source:     --a--b--c--|
 *     subscribe:    ----^b-c--|      a, b held until then: ----(ab)-c--|
 */
export class RequestBody extends Observable<Uint8Array> implements AsyncIterable<Uint8Array> {
  readonly [CHANNEL]: BodyChannel;

  constructor(channel: BodyChannel) {
    super((subscriber) => {
      // Before the first delivery, which may be all that the subscriber wants.
      if (channel.untaken) subscriber.add(() => channel.drop());
      const used = channel.subscribe(subscriber);
      if (used) subscriber.error(used);
    });
    this[CHANNEL] = channel;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return new BodyIterator(this[CHANNEL]);
  }
}

/** The channel of a body, or `undefined` for what is none. */
export function channelOf(source: unknown): BodyChannel | undefined {
  return (source as { [CHANNEL]?: BodyChannel } | null | undefined)?.[CHANNEL];
}

/** The channel from which an Observable derives by operators, or `undefined`. */
export function rootChannelOf(source: Observable<unknown>): BodyChannel | undefined {
  let current: Observable<unknown> | undefined = source;
  while (current !== undefined) {
    const channel = channelOf(current) ?? (current as { [ROOT]?: BodyChannel })[ROOT];
    if (channel) return channel;
    // RxJS 7 keeps what an operator was applied to; deprecated as internal, it has been there since 5.0.
    current = (current as { source?: Observable<unknown> }).source;
  }
  return undefined;
}

/** Notes that an Observable derives from a body, as RxJS does of the results of its own operators. */
export function derivedFrom<T>(channel: BodyChannel, result: Observable<T>): Observable<T> {
  return Object.assign(result, { [ROOT]: channel });
}

type Result = IteratorResult<Uint8Array, undefined>;
const DONE: Result = { done: true, value: undefined };

/** Each `next()` asks the channel for one chunk, so that `for await` brakes the sender while its body runs. */
class BodyIterator implements AsyncIterator<Uint8Array, undefined> {
  private started = false;
  private over = false;
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
    if (this.over) {
      this.settle(subscriber);
      return;
    }
    this.waiting.push(subscriber);
    if (!this.started) this.start();
    if (!this.over) this.channel.pull();
  }

  private start(): void {
    this.started = true;
    const used = this.channel.subscribePulling({
      next: (value) => {
        const subscriber = this.waiting.shift();
        subscriber?.next({ done: false, value });
        subscriber?.complete();
      },
      error: (error: unknown) => {
        this.failure = { error };
        this.finish();
      },
      complete: () => this.finish(),
    });
    if (used) {
      this.failure = { error: used };
      this.finish();
    }
  }

  private finish(): void {
    this.over = true;
    for (const subscriber of this.waiting.splice(0)) this.settle(subscriber);
  }

  /** An error is told once, as by a generator; the end, to whoever asks. */
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
