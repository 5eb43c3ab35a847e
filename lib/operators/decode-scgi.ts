/** Bytes to a request with a streaming body. SCGI §3 and §4. */
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import type { MetaVariables } from '../core/meta-variables.js';
import { RequestParser, type RequestSink } from '../core/request/request-parser.js';
import { BodyChannel } from './request/body-channel.js';
import {
  DECODE_OPTIONS,
  verifyDecodeOptions,
  type DecodeOptions,
  type DecodeSettings,
} from './engine-options.js';
import type { ResponseListener } from './flow.js';
import { IncomingRequest } from './request/incoming-request.js';
import type { ScgiRequest } from './types.js';

/**
 * Reads the request of one connection.
 *
 *     source:        --a----b----c--|     a: head, b and c: body
 *     result:        --r---------|        r: ScgiRequest, as soon as its headers are complete
 *     request.body:  -------b----(c|)
 *
 * Completes when the body has been received, and then unsubscribes from the source; bytes after that are dropped.
 * A fault inside the body errors `request.body` first and the result next. While the body has a subscriber, the
 * source stays subscribed even if the result is not, as in `groupBy`.
 *
 * What arrives before the body is taken is held: up to `bodyHighWaterMark` bytes, then `flow.inputPaused` is true;
 * without a flow up to `maxQueuedBytes`, then ERR_SCGI_BODY_OVERFLOW.
 *
 * @param options - limits in bytes and in headers, tolerances, the connection's flow; see {@link DecodeOptions}.
 * @returns an operator function from chunks to the one {@link ScgiRequest}.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: those of SCGI requests in docs/errors.md, ERR_SCGI_BODY_OVERFLOW, and the source's own.
 * @see SCGI (2008-06-23) §3, §4
 */
export function decodeScgi(options?: DecodeOptions): OperatorFunction<Uint8Array, ScgiRequest> {
  verifyOptionNames('decodeScgi', options, DECODE_OPTIONS);
  const settings = verifyDecodeOptions(options);
  return (source) =>
    new Observable((destination) => source.subscribe(new DecodeSubscriber(destination, settings)));
}

class DecodeSubscriber extends Subscriber<Uint8Array> implements RequestSink, ResponseListener {
  private readonly reader: RequestParser;
  private channel: BodyChannel | undefined;
  private request: ScgiRequest | undefined;

  constructor(
    destination: Subscriber<ScgiRequest>,
    private readonly settings: DecodeSettings,
  ) {
    super(destination);
    this.reader = new RequestParser(settings.limits, this);
  }

  // ---- the reader's events

  requestHeaders(variables: MetaVariables, contentLength: number): void {
    const { settings } = this;
    this.channel = new BodyChannel(settings, settings.flow, () => this.bodyLeft());
    this.request = new IncomingRequest(variables, contentLength, this.channel, settings);
    if (settings.flow) settings.flow.request = this;
    this.destination.next(this.request);
    if (this.closed) this.reader.stop();
  }

  requestBody(data: Uint8Array): void {
    this.channel?.write(data);
  }

  requestEnd(): void {
    this.channel?.end();
    this.complete();
  }

  // ---- what the encoder of the same flow tells

  get method(): string {
    return this.request?.method ?? 'GET';
  }

  get bodyTaken(): boolean {
    return this.channel?.taken ?? false;
  }

  responseStarted(): void {
    this.channel?.start();
  }

  responseEnded(): void {
    // Whoever takes the body may have the rest of it; else there is nothing left to wait for.
    if (this.channel?.taken) return;
    this.channel?.drop();
    this.reader.stop();
    this.complete();
  }

  // ---- the source's notifications

  protected override _next(chunk: Uint8Array): void {
    try {
      this.reader.push(chunk);
    } catch (fault) {
      this._error(fault);
    }
  }

  protected override _error(error: unknown): void {
    this.channel?.fail(error);
    // The body's error may have been everybody's.
    if (!this.closed) super._error(error);
  }

  protected override _complete(): void {
    try {
      this.reader.end();
    } catch (fault) {
      this._error(fault);
      return;
    }
    super._complete();
  }

  // ---- finalization

  /** While somebody takes the body, the source is still needed; `bodyLeft` comes back here. */
  override unsubscribe(): void {
    if (this.closed || (!this.reader.finished && this.channel?.taken)) return;
    super.unsubscribe();
    this.reader.stop();
    this.channel?.abandon(this.reader.bytesRead);
  }

  private bodyLeft(): void {
    // Closed, a Subscriber has no destination any more; a body held until then may be taken later.
    if (!this.closed && (this.destination as Subscriber<ScgiRequest>).closed) this.unsubscribe();
  }
}
