/** The ways a response's body can come, each behind the same two calls: `pull` a chunk, `close`. */
import { isObservable } from 'rxjs';
import type { ScgiUsageError } from '../../core/errors.js';
import type { BodyChannel } from '../request/body-channel.js';
import { isChunk } from './body-chunk.js';
import { isSource } from './checked-response.js';
import { channelOf } from '../request/request-body.js';
import type { BodyChunk, ScgiResponse } from '../types.js';

/** A taker of chunks that have not been checked yet. */
export interface ChunkTaker {
  next(chunk: BodyChunk): void;
  error(error: unknown): void;
  complete(): void;
}

/** What gives a chunk for each `pull`, now or later; `close` frees what it holds, whether begun or not. */
export interface PulledSource {
  pull(): void;
  close(): void;
}

type Streaming = Exclude<NonNullable<ScgiResponse['body']>, BodyChunk>;

/** What of Node's `Readable` is used beside its iterator. */
interface Destroyable {
  destroy?: () => unknown;
  on?: (event: 'error', listener: () => void) => unknown;
}

/** A source that can be pulled, or `undefined` for one that pushes: an Observable, a Promise. */
export function pulledSource(body: Streaming, taker: ChunkTaker): PulledSource | undefined {
  const channel = channelOf(body);
  if (channel) return new ChannelSource(channel, taker);
  if (isObservable(body)) return undefined;
  // Before the iterator, whose `return` waits for the chunk that is asked for; `cancel` does not.
  if ('getReader' in body) return new ReaderSource(body as unknown as ReadableStream<BodyChunk>, taker);
  if (Symbol.asyncIterator in body) return new AsyncSource(body as AsyncIterable<BodyChunk>, taker);
  if (Symbol.iterator in body) return new IterableSource(body as Iterable<BodyChunk>, taker);
  return undefined;
}

/** Frees a body that is never begun: the answer to HEAD, a 204. */
export function discardBody(body: Streaming): void {
  const taker = { next: ignore, error: ignore, complete: ignore };
  const source = pulledSource(body, taker);
  if (source) source.close();
  // Nobody else is going to look at a Promise: its rejection would end the process.
  else if ('then' in body) settle(body as PromiseLike<unknown>, ignore, ignore);
}

/** Frees the body of a response that is not sent: one that is refused, or comes too late. */
export function discardResponse(response: ScgiResponse): void {
  // Whatever it is that a handler gave.
  quietly(() => {
    const { body } = response;
    if (body !== undefined && !isChunk(body)) discardBody(body);
    // Where a response should be, and refused: a Promise, or a stream.
    else if (isSource(response)) discardBody(response as Streaming);
  });
}

/** `request.body` itself: its own brake takes over. Taken at once: one that nobody has taken is dropped in time. */
class ChannelSource implements PulledSource {
  private readonly used: ScgiUsageError | undefined;

  constructor(
    private readonly channel: BodyChannel,
    private readonly taker: ChunkTaker,
  ) {
    this.used = channel.subscribePulling(taker);
  }

  pull(): void {
    if (this.used) this.taker.error(this.used);
    else this.channel.pull();
  }

  close(): void {
    // What another has taken is not ours to drop.
    if (!this.used) this.channel.drop();
  }
}

class IterableSource implements PulledSource {
  private iterator: Iterator<BodyChunk> | undefined;

  constructor(
    private readonly iterable: Iterable<BodyChunk>,
    private readonly taker: ChunkTaker,
  ) {}

  pull(): void {
    let result: IteratorResult<BodyChunk>;
    try {
      this.iterator ??= this.iterable[Symbol.iterator]();
      result = this.iterator.next();
    } catch (error) {
      this.taker.error(error);
      return;
    }
    deliver(result, this.taker);
  }

  close(): void {
    quietly(() => this.iterator?.return?.());
  }
}

class AsyncSource implements PulledSource {
  private iterator: AsyncIterator<BodyChunk> | undefined;

  constructor(
    private readonly iterable: AsyncIterable<BodyChunk>,
    private readonly taker: ChunkTaker,
  ) {}

  pull(): void {
    try {
      this.iterator ??= this.iterable[Symbol.asyncIterator]();
      settle(
        this.iterator.next(),
        (result) => deliver(result, this.taker),
        (error) => this.taker.error(error),
      );
    } catch (error) {
      this.taker.error(error);
    }
  }

  close(): void {
    const stream = this.iterable as Destroyable;
    // A generator that was never begun runs no `finally`: a stream behind it has to be told itself.
    if (stream.destroy) {
      // A file that cannot be opened fails after that: without a listener, the error of a stream ends the process.
      quietly(() => stream.on?.('error', ignore));
      quietly(() => stream.destroy?.());
    } else quietly(() => (this.iterator ?? this.iterable[Symbol.asyncIterator]()).return?.());
  }
}

/** A `ReadableStream`. */
class ReaderSource implements PulledSource {
  private reader: ReadableStreamDefaultReader<BodyChunk> | undefined;

  constructor(
    private readonly stream: ReadableStream<BodyChunk>,
    private readonly taker: ChunkTaker,
  ) {}

  pull(): void {
    try {
      this.reader ??= this.stream.getReader();
      settle(
        this.reader.read(),
        (result) => deliver(result, this.taker),
        (error) => this.taker.error(error),
      );
    } catch (error) {
      this.taker.error(error);
    }
  }

  close(): void {
    quietly(() => (this.reader ?? this.stream).cancel());
  }
}

/** An iterator that breaks its contract is the application's fault, not the process's. */
function deliver(result: IteratorResult<BodyChunk>, taker: ChunkTaker): void {
  if (typeof result !== 'object' || (result as unknown) === null)
    taker.error(new TypeError(`the iterator of the body gave ${typeof result}, no result of next()`));
  else if (result.done) taker.complete();
  else taker.next(result.value);
}

function settle<T>(
  promise: PromiseLike<T>,
  fulfilled: (value: T) => unknown,
  rejected: (error: unknown) => void,
): void {
  promise.then(fulfilled, rejected);
}

/** Closing is best effort: whoever closes has done with the source, and its faults with them. */
function quietly(close: () => unknown): void {
  try {
    const result = close();
    if (typeof result === 'object' && result !== null && 'then' in result) {
      settle(result as PromiseLike<unknown>, ignore, ignore);
    }
  } catch {
    // As above.
  }
}

function ignore(): void {
  // For callbacks that nobody needs.
}
