/** Our readers, in the words of the vectors: of `rxscgi/core`, and the operators. */
import { Subject, type OperatorFunction } from 'rxjs';
import {
  NEED_DATA,
  RequestReader,
  ResponseReader,
  type IncomingResponseEvent,
  type ReaderOptions,
  type RequestEvent,
  type ResponseReaderOptions,
} from '../../lib/core/index.js';
import { decodeScgi, decodeScgiEvents, decodeScgiResponse } from '../../lib/index.js';
import { factsOf } from '../helpers/faults/error-facts.js';
import type { Outcome, Place, Vector } from '../helpers/wire/vectors.js';

type Options = (ReaderOptions & ResponseReaderOptions) | undefined;
/** Takes chunks, and the end after them. What it does not tell of an outcome is absent. */
export type Reader = (chunks: Iterable<Uint8Array>, options: Options) => Outcome;

type Draft = { -readonly [Key in keyof Outcome]: Outcome[Key] };

/** Counts what has been read, and collects what comes of it. */
class Recorder {
  readonly outcome: Draft = {};
  private at: Place = 0;

  /** Feeds `chunks` and the end. */
  feed(chunks: Iterable<Uint8Array>, next: (chunk: Uint8Array) => void, end: () => void): void {
    for (const chunk of chunks) {
      this.at = (this.at as number) + chunk.length;
      next(chunk);
    }
    this.at = 'eof';
    end();
  }

  headers(variables: Iterable<[string, string]>, contentLength = NaN): void {
    this.outcome.headers = { at: this.at, contentLength, variables: [...variables] };
    this.outcome.body = '';
  }

  head(status: number, reason: string, fields: Iterable<readonly [string, string]>): void {
    this.outcome.head = { at: this.at, status, reason, fields: [...fields] };
    this.outcome.body = '';
  }

  body(data: Uint8Array): void {
    if (data.length === 0) throw new Error('an empty piece of a body');
    this.outcome.body = (this.outcome.body ?? '') + Buffer.from(data).toString('latin1');
  }

  end(): void {
    if (this.outcome.end !== undefined) throw new Error('a second end');
    this.outcome.end = this.at;
  }

  fail(error: unknown): void {
    if (this.outcome.error !== undefined) throw new Error('a second error');
    const { foreignProtocol: _, ...facts } = factsOf(error);
    this.outcome.error = { at: this.at, offset: NaN, ...facts };
  }

  event(event: RequestEvent | IncomingResponseEvent): void {
    if (event.type === 'request-headers') this.headers(event.variables);
    else if (event.type === 'response-headers') this.head(event.status, event.statusText, event.headers);
    else if ('data' in event) this.body(event.data);
    else this.end();
  }
}

function pulled(reader: RequestReader | ResponseReader, chunks: Iterable<Uint8Array>): Draft {
  const recorder = new Recorder();
  let failed = false;
  const receive = (data: Uint8Array | null): void => {
    reader.receiveData(data);
    if (failed) return;
    try {
      for (let event; (event = reader.nextEvent()) !== NEED_DATA;) recorder.event(event);
    } catch (error) {
      failed = true;
      recorder.fail(error);
    }
  };
  recorder.feed(chunks, receive, () => receive(null));
  return recorder.outcome;
}

function piped<T>(
  chunks: Iterable<Uint8Array>,
  operator: OperatorFunction<Uint8Array, T>,
  take: (value: T, recorder: Recorder) => void,
): Draft {
  const recorder = new Recorder();
  const source = new Subject<Uint8Array>();
  source.pipe(operator).subscribe({
    next: (value) => take(value, recorder),
    error: (error: unknown) => recorder.fail(error),
  });
  recorder.feed(
    chunks,
    (chunk) => source.next(chunk),
    () => source.complete(),
  );
  return recorder.outcome;
}

export const REQUEST_READERS: readonly [name: string, read: Reader][] = [
  [
    'RequestReader',
    (chunks, options) => {
      const reader = new RequestReader(options);
      const outcome = pulled(reader, chunks);
      return reader.surplus ? { ...outcome, surplus: reader.surplus.offset } : outcome;
    },
  ],
  [
    'decodeScgiEvents',
    (chunks, options) => piped(chunks, decodeScgiEvents(options), (event, recorder) => recorder.event(event)),
  ],
  [
    'decodeScgi',
    (chunks, options) =>
      piped(chunks, decodeScgi(options), ({ variables, contentLength, body }, recorder) => {
        recorder.headers(variables, contentLength);
        body.subscribe({
          next: (data) => recorder.body(data),
          error: () => undefined, // The result has the same error.
          complete: () => recorder.end(),
        });
      }),
  ],
];

export const RESPONSE_READERS: readonly [name: string, read: Reader, asTold: (vector: Vector) => Vector][] = [
  ['ResponseReader', (chunks, options) => pulled(new ResponseReader(options), chunks), (vector) => vector],
  [
    'decodeScgiResponse',
    (chunks, options) =>
      piped(chunks, decodeScgiResponse(options), ({ status, statusText, headers, body }, recorder) => {
        recorder.head(status, statusText, headers);
        body.subscribe({
          next: (data) => recorder.body(data),
          error: () => undefined,
          complete: () => recorder.end(),
        });
      }),
    withHeaders,
  ],
];

/** With the fields as `Headers` has them. */
function withHeaders(vector: Vector): Vector {
  const { head, ...rest } = vector.expect;
  if (!head) return vector;
  const fields = [...new Headers(head.fields as [string, string][])];
  return { ...vector, expect: { ...rest, head: { ...head, fields } } };
}
