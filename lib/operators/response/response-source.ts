/** Adapts each kind of body that can be pulled to two calls: `pull` asks for a chunk, `close` frees the source. */
import { isObservable, type Unsubscribable } from 'rxjs';
import { ScgiUsageError } from '../../core/errors/errors.js';
import { quoted } from '../../core/text/quoted.js';
import type { BodyChannel } from '../request/body-channel.js';
import { hasMethod, type Streaming } from './body-chunk.js';
import { channelOf } from '../request/request-body.js';
import { ignore, isThenable, settle, type Then } from './settle.js';
import type { BodyChunk } from '../types.js';

/** Marks a body that can be pulled in a way of its own; registered, so that copies of the package agree. */
export const PULLED = Symbol.for('rxscgi.pulled');

/** Takes chunks that have not been checked yet. */
export interface ChunkTaker {
  next(chunk: BodyChunk): void;
  error(error: unknown): void;
  complete(): void;
}

/** Gives one chunk for each `pull`, now or later; `close` frees what it holds, before or after the first pull. */
export interface PulledSource {
  /** Whether the application may fill the same buffer again once it is asked for the next chunk. */
  readonly reusesBuffers: boolean;
  pull(): void;
  close(): void;
}

interface SelfPulled {
  [PULLED](taker: ChunkTaker): PulledSource | undefined;
}

/** What is used of Node's `Readable` besides its iterator. */
interface Destroyable {
  destroy?: () => unknown;
  on?: (event: 'error', listener: () => void) => unknown;
}

/** A source that can be pulled; `undefined` for one that pushes: an Observable or a Promise. */
export function pulledSource(body: Streaming, taker: ChunkTaker): PulledSource | undefined {
  const channel = channelOf(body);
  if (channel) return new ChannelSource(channel, taker);
  if (PULLED in body) return (body as SelfPulled)[PULLED](taker);
  if (isObservable(body)) return undefined;
  // Before the iterator, whose `return` waits for the chunk that was asked for; `cancel` does not.
  if (hasMethod(body, 'getReader'))
    return new ReaderSource(body as unknown as ReadableStream<BodyChunk>, taker);
  if (hasMethod(body, Symbol.asyncIterator)) return new AsyncSource(body as AsyncIterable<BodyChunk>, taker);
  if (hasMethod(body, Symbol.iterator)) return new IterableSource(body as Iterable<BodyChunk>, taker);
  return undefined;
}

/** `request.body` itself: its own brake takes over. It is taken at once, before the encoder would drop it as untaken. */
class ChannelSource implements PulledSource {
  readonly reusesBuffers = false;
  private readonly used: ScgiUsageError | undefined;

  constructor(
    private readonly channel: BodyChannel,
    private readonly taker: ChunkTaker,
  ) {
    this.used = channel.subscribePulling(taker, 'response');
  }

  pull(): void {
    if (this.used) this.taker.error(this.used);
    else this.channel.pull();
  }

  close(): void {
    // When somebody else has taken the body, it is not ours to drop.
    if (!this.used) this.channel.drop();
  }
}

class IterableSource implements PulledSource {
  readonly reusesBuffers = true;
  private iterator: Iterator<BodyChunk> | undefined;

  constructor(
    private readonly iterable: Iterable<BodyChunk>,
    private readonly taker: ChunkTaker,
  ) {}

  pull(): void {
    let result: IteratorResult<BodyChunk>;
    try {
      this.iterator ??= begun(this.iterable[Symbol.iterator](), 'next');
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

/** An async iterable, a Node `Readable` among them. */
class AsyncSource implements PulledSource {
  readonly reusesBuffers: boolean;
  private iterator: AsyncIterator<BodyChunk> | undefined;
  private readonly stream: Destroyable;

  constructor(
    private readonly iterable: AsyncIterable<BodyChunk>,
    private readonly taker: ChunkTaker,
  ) {
    const stream = (this.stream = iterable as Destroyable);
    this.reusesBuffers = !stream.destroy;
    // The iterator reports a stream's error while it runs. Before and after, as of a file that cannot be opened while
    // the output is paused, an error without a listener would end the process.
    if (stream.destroy) quietly(() => stream.on?.('error', ignore));
  }

  pull(): void {
    try {
      this.iterator ??= begun(this.iterable[Symbol.asyncIterator](), 'next');
      receive(this.iterator.next(), this.taker);
    } catch (error) {
      this.taker.error(error);
    }
  }

  close(): void {
    const { stream } = this;
    // A generator that has not begun runs no `finally`: a stream behind it has to be destroyed itself.
    if (stream.destroy) quietly(() => stream.destroy?.());
    else quietly(() => (this.iterator ?? this.iterable[Symbol.asyncIterator]()).return?.());
  }
}

/** A `ReadableStream`. */
class ReaderSource implements PulledSource {
  readonly reusesBuffers = false;
  private reader: ReadableStreamDefaultReader<BodyChunk> | undefined;

  constructor(
    private readonly stream: ReadableStream<BodyChunk>,
    private readonly taker: ChunkTaker,
  ) {}

  pull(): void {
    try {
      this.reader ??= begun(this.stream.getReader(), 'read');
      receive(this.reader.read(), this.taker);
    } catch (error) {
      this.taker.error(error);
    }
  }

  close(): void {
    quietly(() => (this.reader ?? this.stream).cancel());
  }
}

/** Returns what a body is asked by. @throws ScgiUsageError ERR_SCGI_BODY_TYPE when that has no such method. */
function begun<T>(iterator: T, method: 'next' | 'read'): T {
  if (typeof iterator === 'object' && iterator !== null && hasMethod(iterator, method)) return iterator;
  throw brokenSource(`gave ${quoted(iterator)}, which has no method ${method}()`);
}

function brokenSource(message: string): ScgiUsageError {
  return new ScgiUsageError('ERR_SCGI_BODY_TYPE', `the source that is the body ${message}`);
}

/** Takes a result now or later: `for await` accepts an iterator that does not wrap its results in Promises, too. */
function receive(promised: PromiseLike<IteratorResult<BodyChunk>>, taker: ChunkTaker): void {
  const then = (promised as Partial<typeof promised> | null | undefined)?.then;
  if (typeof then !== 'function') {
    deliver(promised as unknown as IteratorResult<BodyChunk>, taker);
    return;
  }
  settle(
    promised,
    (result) => deliver(result, taker),
    (error) => taker.error(error),
    then as Then<IteratorResult<BodyChunk>>,
  );
}

/** Looks at a result; what that throws is an error of the body, not of the process. */
function deliver(result: IteratorResult<BodyChunk>, taker: ChunkTaker): void {
  let done: boolean;
  let value: BodyChunk;
  try {
    if (typeof result !== 'object' || (result as unknown) === null)
      throw brokenSource(`gave ${quoted(result)}, not an object { done, value }`);
    done = !!result.done;
    value = done ? '' : (result.value as BodyChunk);
  } catch (error) {
    taker.error(error);
    return;
  }
  if (done) taker.complete();
  else taker.next(value);
}

/** Closes a source. Nobody is interested in it any more, and so not in its errors either. */
export function quietly(close: () => unknown): void {
  try {
    const result = close();
    if (isThenable(result)) settle(result, ignore, ignore);
  } catch {
    // As above.
  }
}

/** Unsubscribes from a body that pushes. @returns what a finalizer has thrown. */
export function leave(body: Unsubscribable | undefined): unknown {
  try {
    body?.unsubscribe();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}
