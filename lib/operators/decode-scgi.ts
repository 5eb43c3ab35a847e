/** Turns bytes into a request with a streaming body. SCGI §3 and §4. */
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import {
  DECODE_OPTIONS,
  verifyDecodeOptions,
  type DecodeOptions,
  type DecodeSettings,
} from './engine-options.js';
import type { ResponseListener } from './flow/flow.js';
import { RequestIntake, type IntakeOwner } from './request/request-intake.js';
import type { ScgiRequest } from './types.js';

/**
 * Reads the request of one connection.
 *
 *     source:        --a----b----c--|     a: head, b and c: body
 *     result:        --r---------|        r: ScgiRequest, as soon as its headers are complete
 *     request.body:  -------b----(c|)
 *
 * Completes when the body has been received, and then unsubscribes from the source. Bytes after that are dropped.
 * A fault inside the body errors `request.body` first, and then the result. While the body has a subscriber, the source stays
 * subscribed even if the result has been unsubscribed, as in `groupBy`. An empty body completes at
 * once, even after the result has completed or has been unsubscribed.
 *
 * Chunks that arrive before the body has a subscriber are kept. At `bodyHighWaterMark` bytes, `flow.inputPaused` becomes true. Without
 * a flow, the body errors with ERR_SCGI_BODY_OVERFLOW above `maxQueuedBytes`. The source must not emit while it is still delivering
 * the chunk before: ERR_SCGI_REENTRANT.
 *
 * @param options - limits in bytes and in headers, tolerances, the connection's flow; see {@link DecodeOptions}.
 * @returns an operator function from chunks to the one {@link ScgiRequest}.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: those of SCGI requests in docs/reference/errors.md, ERR_SCGI_BODY_OVERFLOW, ERR_SCGI_REENTRANT, and the
 * source's own.
 * @see SCGI (2008-06-23) §3, §4
 * @example
 * ```ts
 * import { decodeScgi, encodeScgi, errorAnswer } from 'rxscgi';
 * import { listen, usingSocket } from 'rxscgi/node';
 * import { map, mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(
 *     mergeMap((socket) =>
 *       usingSocket(socket, (bytes, flow) =>
 *         bytes.pipe(
 *           decodeScgi({ flow, maxBodyBytes: 1_048_576 }),
 *           map(({ path }) => ({ body: `Hello, ${path}` })),
 *           encodeScgi({ flow, answer: errorAnswer }),
 *         ),
 *       ),
 *     ),
 *   )
 *   .subscribe();
 * ```
 */
export function decodeScgi(options?: DecodeOptions): OperatorFunction<Uint8Array, ScgiRequest> {
  verifyOptionNames('decodeScgi', options, DECODE_OPTIONS);
  const settings = verifyDecodeOptions(options);
  return (source) =>
    new Observable((destination) => {
      source.subscribe(new DecodeSubscriber(destination, settings));
    });
}

class DecodeSubscriber extends Subscriber<Uint8Array> implements IntakeOwner, ResponseListener {
  private readonly intake: RequestIntake;

  constructor(
    destination: Subscriber<ScgiRequest>,
    private readonly settings: DecodeSettings,
  ) {
    super(destination);
    this.intake = new RequestIntake(settings, settings.flow, this);
  }

  // ---- IntakeOwner

  requestReceived(request: ScgiRequest): void {
    const { flow } = this.settings;
    if (flow) flow.request = this;
    this.destination.next(request);
    if (this.closed) this.intake.stop();
  }

  requestCompleted(): void {
    this.complete();
  }

  /** A response that does without the rest of the body goes on. */
  requestFailed(fault: unknown): void {
    const { channel, request } = this.intake;
    request?.endsBy(fault);
    channel?.fail(fault);
    if (!this.settings.flow?.encoding) request?.abort();
    // The body's error may have ended everything.
    if (!this.closed) super._error(fault);
  }

  /** The source is needed no more if the result was left before. A body that is held may still be taken later. */
  bodyLeft(): void {
    // A closed Subscriber has no destination any more.
    if (!this.closed && (this.destination as Subscriber<ScgiRequest>).closed) this.unsubscribe();
  }

  // ---- ResponseListener

  get method(): string {
    return this.intake.request?.method ?? 'GET';
  }

  get bodyTaken(): boolean {
    return this.intake.bodyTaken;
  }

  get bodyAwaited(): boolean {
    return this.intake.bodyAwaited;
  }

  get contentLength(): number {
    return this.intake.request?.contentLength ?? 0;
  }

  responseStarted(): void {
    this.intake.startResponse();
  }

  exchangeEnded(): void {
    this.intake.request?.abort();
  }

  // ---- the source's notifications

  protected override _next(chunk: Uint8Array): void {
    this.intake.push(chunk);
  }

  protected override _error(error: unknown): void {
    // Nothing more comes: the source is finalized now, even if the reader of the body takes its time for what is held.
    this.intake.stop();
    this.intake.channel?.fail(error);
    this.intake.request?.endsBy(error);
    this.intake.request?.abort();
    // The body's error may have ended everything.
    if (!this.closed) super._error(error);
  }

  protected override _complete(): void {
    if (this.intake.end()) super._complete();
  }

  // ---- finalization

  /** While the body has a reader, the source stays subscribed; `bodyLeft` calls this again. */
  override unsubscribe(): void {
    // A destination that is closed already unsubscribes from inside the constructor.
    const intake = this.intake as RequestIntake | undefined;
    if (this.closed || (intake && !intake.finished && intake.bodyTaken)) return;
    super.unsubscribe();
    if (!intake) return;
    // Whether the exchange goes on, the encoder of the same flow says, or, after a complete request, nobody.
    if (!intake.finished && !this.settings.flow?.encoding) intake.request?.abort();
    intake.stop();
    intake.channel?.abandon(intake.bytesRead);
  }
}
