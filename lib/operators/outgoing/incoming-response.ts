/** A response of an application: everything beyond the bytes is worked out when it is asked for. */
import { Observable, Subscriber } from 'rxjs';
import { ScgiLimitError, ScgiProtocolError } from '../../core/errors/errors.js';
import type { IncomingResponseHead } from '../../core/events.js';
import { BlockCollector } from '../../core/request/block-collector.js';
import type { BodyChannel } from '../request/body-channel.js';
import { RequestBody, subscribeToBody } from '../request/request-body.js';
import type { ScgiBody } from '../types.js';

/** A response from an SCGI application. */
export interface ScgiIncomingResponse {
  /** The status. Without a `Status` field it is 200, or 302 with a `Location`. */
  readonly status: number;
  /** The reason phrase, or an empty string. */
  readonly statusText: string;
  /** The header fields, without `Status`. Several `Set-Cookie` stay several: `getSetCookie()`. */
  readonly headers: Headers;
  /** The body, chunk by chunk, once. */
  readonly body: ScgiBody;
  /** Emits the whole body as bytes. Errors with ERR_SCGI_BODY_TOO_LARGE above `maxQueuedBytes`. */
  bytes(): Observable<Uint8Array>;
  /** Emits the whole body as UTF-8 text; limited like `bytes()`. */
  text(): Observable<string>;
  /** Emits the whole body, parsed as JSON; limited like `bytes()`. Errors with ERR_SCGI_RESPONSE_JSON when it is not JSON. */
  json<T = unknown>(): Observable<T>;
}

const utf8 = new TextDecoder();

export class IncomingResponse implements ScgiIncomingResponse {
  readonly status: number;
  readonly statusText: string;
  private lazyHeaders: Headers | undefined;
  private lazyBody: ScgiBody | undefined;

  constructor(
    private readonly head: IncomingResponseHead,
    private readonly channel: BodyChannel,
    private readonly maxCollectedBytes: number,
  ) {
    this.status = head.status;
    this.statusText = head.statusText;
  }

  get headers(): Headers {
    if (this.lazyHeaders === undefined) {
      this.lazyHeaders = new Headers();
      for (const [name, value] of this.head.headers) this.lazyHeaders.append(name, value);
    }
    return this.lazyHeaders;
  }

  get body(): ScgiBody {
    return (this.lazyBody ??= new RequestBody(this.channel));
  }

  bytes(): Observable<Uint8Array> {
    return this.collected((bytes) => bytes);
  }

  text(): Observable<string> {
    return this.collected((bytes) => utf8.decode(bytes));
  }

  json<T = unknown>(): Observable<T> {
    return this.collected((bytes) => parseJson(utf8.decode(bytes)) as T);
  }

  private collected<T>(convert: (bytes: Uint8Array) => T): Observable<T> {
    return new Observable((destination) =>
      subscribeToBody(this.channel, new CollectSubscriber(destination, this.maxCollectedBytes, convert)),
    );
  }
}

/** Emits all of a body, converted from one array. A body that comes in one chunk is that chunk. */
class CollectSubscriber<T> extends Subscriber<Uint8Array> {
  private first: Uint8Array | undefined;
  private collector: BlockCollector | undefined;

  constructor(
    destination: Subscriber<T>,
    private readonly maxBytes: number,
    private readonly convert: (bytes: Uint8Array) => T,
  ) {
    super(destination);
  }

  protected override _next(chunk: Uint8Array): void {
    const { first, maxBytes } = this;
    if (first === undefined && chunk.length <= maxBytes) {
      this.first = chunk;
      return;
    }
    if (this.collector === undefined) {
      this.collector = new BlockCollector(maxBytes);
      if (first) this.collector.take(first, 0);
    }
    if (this.collector.take(chunk, 0) < chunk.length) this.error(tooLarge(maxBytes));
  }

  protected override _complete(): void {
    const { collector, first = new Uint8Array(0) } = this;
    let value: T;
    try {
      value = this.convert(collector ? collector.finish().subarray(0, collector.length) : first);
    } catch (error) {
      super._error(error);
      return;
    }
    this.destination.next(value);
    // The subscriber may want no more than the value. A closed Subscriber has no destination.
    if (!this.closed) super._complete();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScgiProtocolError('ERR_SCGI_RESPONSE_JSON', 'the body of the response is not JSON', undefined, {
      cause,
    });
  }
}

function tooLarge(limit: number): ScgiLimitError {
  return new ScgiLimitError(
    'ERR_SCGI_BODY_TOO_LARGE',
    `the body is longer than the ${limit} bytes that are collected; raise maxQueuedBytes, or take it as a stream`,
    limit,
    limit + 1,
  );
}
