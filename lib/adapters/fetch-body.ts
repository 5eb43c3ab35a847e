/** The body of a request as the `ReadableStream` that a fetch `Request` takes. */
import type { ScgiBody } from '../operators/types.js';

type Result = IteratorResult<Uint8Array, unknown>;

/** Takes a chunk when the stream is read, and not before. */
export class FetchBody {
  readonly stream: ReadableStream<Uint8Array>;
  private iterator: AsyncIterator<Uint8Array> | undefined;
  /** A chunk that was asked for before the stream was read. */
  private early: Promise<Result> | undefined;

  constructor(private readonly body: ScgiBody) {
    // Not of type 'bytes': that transfers the memory of each chunk, which other views may still use.
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const result = await this.next();
          if (result.done) controller.close();
          else controller.enqueue(result.value);
        },
        cancel: async () => {
          await this.start().return?.();
        },
      },
      // Nothing is read ahead: the brake of the connection counts what waits.
      { highWaterMark: 0 },
    );
  }

  /**
   * Takes the body for a response that goes on reading it: the engine drops a body that nobody has taken when the response begins.
   * A stream that is piped is locked; a response may also have the stream itself.
   */
  keepFor(response: unknown): void {
    if (this.iterator || !(this.stream.locked || this.isBodyOf(response))) return;
    this.early = this.start().next();
    // The stream has the rejection when it is read; until then nobody handles it.
    this.early.catch(() => undefined);
  }

  private isBodyOf(response: unknown): boolean {
    return (response as { body?: unknown } | null | undefined)?.body === this.stream;
  }

  private next(): Promise<Result> {
    const { early } = this;
    this.early = undefined;
    return early ?? this.start().next();
  }

  private start(): AsyncIterator<Uint8Array> {
    return (this.iterator ??= this.body[Symbol.asyncIterator]());
  }
}
