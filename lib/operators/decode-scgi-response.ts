/** Bytes to a response with a streaming body: the other direction. RFC 3875 §6. */
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import type { IncomingResponseHead } from '../core/events.js';
import { verifyOptionNames, type OptionNames } from '../core/options.js';
import { ResponseParser, type ResponseLimits, type ResponseSink } from '../core/response/response-parser.js';
import {
  RESPONSE_READER_OPTIONS,
  verifyResponseReaderOptions,
  type ResponseReaderOptions,
} from '../core/response/response-reader.js';
import { verifyBodyHighWaterMark, verifyQueue } from './engine-options.js';
import { flowState, type Flow, type FlowState } from './flow/flow.js';
import { IncomingResponse, type ScgiIncomingResponse } from './outgoing/incoming-response.js';
import { BodyChannel, type BodyLimits } from './request/body-channel.js';

/** Options of {@link decodeScgiResponse}. */
export interface DecodeResponseOptions extends ResponseReaderOptions {
  /** The flow of the connection. Without it nothing can be paused, and a body that nobody reads errors at `maxQueuedBytes`. */
  readonly flow?: Flow | undefined;
  /** Bytes of the body that wait for its reader; at this many, the input is paused. Default 65 536. */
  readonly bodyHighWaterMark?: number | undefined;
  /** Most bytes that are kept without a flow, and that `bytes()` collects. Default 16 777 216. */
  readonly maxQueuedBytes?: number | undefined;
}

const OPTIONS: OptionNames<DecodeResponseOptions> = {
  ...RESPONSE_READER_OPTIONS,
  flow: true,
  bodyHighWaterMark: true,
  maxQueuedBytes: true,
};

/** Verified options, and who follows the response. */
interface DecodeResponseSettings extends BodyLimits {
  readonly limits: ResponseLimits;
  readonly flow: FlowState | undefined;
  readonly observer?: ResponseObserver;
}

/** Follows a response beside its subscribers, who may have left. */
interface ResponseObserver {
  /** The head is complete, and goes out next. */
  startBody(): void;
  /** The response is complete, and its end goes out next. */
  endBody(): void;
}

/**
 * Reads the response of one connection to an application.
 *
 *     source:         --a----b----c--|     a: head, b and c: body
 *     result:         --r------------|     r: ScgiIncomingResponse, as soon as its head is complete
 *     response.body:  -------b----c--|
 *
 * The body ends at its `Content-Length`; without one, it ends with the source. The result completes with the body, and then
 * unsubscribes from the source; bytes after that are dropped. A fault inside the body errors `response.body` first, and then the
 * result. While the body has a subscriber, the source stays subscribed even if the result has been unsubscribed, as in `groupBy`.
 *
 * @param options - limits in bytes, the request's method, the connection's flow; see {@link DecodeResponseOptions}.
 * @returns an operator function from chunks to the one {@link ScgiIncomingResponse}.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: ERR_SCGI_EMPTY_RESPONSE, ERR_SCGI_RESPONSE_HEAD, ERR_SCGI_RESPONSE_HEAD_TOO_LARGE,
 * ERR_SCGI_RESPONSE_TRUNCATED, ERR_SCGI_BODY_OVERFLOW, ERR_SCGI_REENTRANT, and the source's own.
 * @see RFC 3875 §6
 * @example
 * ```ts
 * import { decodeScgiResponse } from 'rxscgi';
 * import { mergeMap, of } from 'rxjs';
 *
 * const bytes = of(new TextEncoder().encode('Status: 200 OK\r\n\r\nHello'));
 * bytes
 *   .pipe(
 *     decodeScgiResponse({ maxResponseHeadBytes: 8192 }),
 *     mergeMap((response) => response.text()),
 *   )
 *   .subscribe((text) => console.log(text)); // Hello
 * ```
 */
export function decodeScgiResponse(
  options: DecodeResponseOptions = {},
): OperatorFunction<Uint8Array, ScgiIncomingResponse> {
  verifyOptionNames('decodeScgiResponse', options, OPTIONS);
  const settings: DecodeResponseSettings = {
    limits: verifyResponseReaderOptions(options),
    flow: flowState(options.flow),
    bodyHighWaterMark: verifyBodyHighWaterMark(options.bodyHighWaterMark),
    maxQueuedBytes: verifyQueue(options.maxQueuedBytes),
  };
  return (source) =>
    new Observable((destination) => source.subscribe(new ResponseSubscriber(destination, settings)));
}

/** Takes the bytes of one response. */
export class ResponseSubscriber extends Subscriber<Uint8Array> implements ResponseSink {
  private readonly parser: ResponseParser;
  private channel: BodyChannel | undefined;

  constructor(
    destination: Subscriber<ScgiIncomingResponse>,
    private readonly settings: DecodeResponseSettings,
  ) {
    super(destination);
    this.parser = new ResponseParser(settings.limits, this);
  }

  // ---- ResponseSink

  responseHeaders(head: IncomingResponseHead, bodyLength: number | undefined): void {
    const { settings } = this;
    this.channel = new BodyChannel(settings, settings.flow, this);
    if (bodyLength === 0) this.channel.endEmpty();
    settings.observer?.startBody();
    this.destination.next(new IncomingResponse(head, this.channel, settings.maxQueuedBytes));
    if (this.closed) this.parser.stop();
  }

  responseBody(data: Uint8Array): void {
    this.channel?.write(data);
  }

  responseEnd(): void {
    this.settings.observer?.endBody();
    this.channel?.end();
    this.complete();
  }

  // ---- the source's notifications

  protected override _next(chunk: Uint8Array): void {
    try {
      this.parser.push(chunk);
    } catch (fault) {
      this._error(fault);
    }
  }

  protected override _error(error: unknown): void {
    // Nothing more comes, even if the reader of the body takes its time for what is held: an abort or a timeout ends the connection.
    this.parser.stop();
    this.channel?.fail(error);
    // The body's error may have ended everything.
    if (!this.closed) super._error(error);
  }

  protected override _complete(): void {
    try {
      this.parser.end();
    } catch (fault) {
      this._error(fault);
      return;
    }
    // The end of the body may have ended everything.
    if (!this.closed) super._complete();
  }

  // ---- finalization

  get whyDropped(): string {
    return (
      'the body was dropped before anybody subscribed to it: its response had no subscriber any more; read it in the same ' +
      'pipeline, mergeMap((response) => response.text()), not after firstValueFrom'
    );
  }

  /** While the body has a reader, the source stays subscribed; `bodyLeft` calls this again. */
  override unsubscribe(): void {
    // A destination that is closed already unsubscribes from inside the constructor.
    const parser = this.parser as ResponseParser | undefined;
    const { channel } = this;
    if (this.closed || (parser?.finished === false && channel?.taken)) return;
    super.unsubscribe();
    parser?.stop();
    channel?.abandon(parser?.bytesRead ?? 0);
  }

  bodyLeft(): void {
    // A closed Subscriber has no destination any more.
    if (!this.closed && (this.destination as Subscriber<ScgiIncomingResponse>).closed) this.unsubscribe();
  }
}
