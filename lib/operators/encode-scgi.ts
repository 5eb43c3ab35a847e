/** Responses to bytes. RFC 3875 §6. */
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { ScgiUsageError } from '../core/errors.js';
import { verifyEncodeOptions, type EncodeOptions, type EncodeSettings } from './engine-options.js';
import { ResponseSender, type ResponseOutlet } from './response-sender.js';
import type { ScgiResponse } from './types.js';

/**
 * Writes the response of one connection.
 *
 *     source:         --r-----------|        r: ScgiResponse with an Observable body
 *     r.body:           --a--b--|
 *     result:         --h-a--b------|        h: the head; with the first chunk where that is at hand
 *     outputPaused:   f-------------
 *
 * A body of text or bytes goes out with its head, in one chunk, and gets its `Content-Length`. Iterables, async
 * iterables, `ReadableStream`s, Node's `Readable`s and a `request.body` are pulled while `flow.outputPaused` is false.
 * Observables push: what the gateway does not take queues up, holds `flow.inputPaused` from half of `maxQueuedBytes`
 * on, and fails at `maxQueuedBytes`. Completes when the source has and the body is out.
 *
 * @param options - the connection's flow, and the bound of its queue in bytes; see {@link EncodeOptions}.
 * @returns an operator function from the one {@link ScgiResponse} to chunks.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: those of responses in docs/errors.md, ERR_SCGI_RESPONSE_OVERFLOW, and those of the source and
 * of the body. After an error the connection must be cut, so that the response does not look complete.
 * @see RFC 3875 §6
 */
export function encodeScgi(options?: EncodeOptions): OperatorFunction<ScgiResponse, Uint8Array> {
  const settings = verifyEncodeOptions(options);
  return (source) =>
    new Observable((destination) => source.subscribe(new EncodeSubscriber(destination, settings)));
}

class EncodeSubscriber extends Subscriber<ScgiResponse> implements ResponseOutlet {
  private sender: ResponseSender | undefined;
  private sending = false;
  private sourceCompleted = false;

  constructor(
    destination: Subscriber<Uint8Array>,
    private readonly settings: EncodeSettings,
  ) {
    super(destination);
  }

  // ---- the source's notifications

  protected override _next(response: ScgiResponse): void {
    if (this.sender) {
      const when = this.sending ? 'while the first is under way' : 'after the first';
      this._error(
        new ScgiUsageError(
          'ERR_SCGI_EVENT_ORDER',
          `a second response came ${when}; a connection carries one`,
        ),
      );
      return;
    }
    const { flow, maxQueuedBytes, requestMethod } = this.settings;
    this.sending = true;
    this.sender = new ResponseSender(this, flow, maxQueuedBytes, requestMethod ?? flow?.request?.method);
    this.sender.send(response);
  }

  protected override _complete(): void {
    this.sourceCompleted = true;
    if (!this.sending) super._complete();
  }

  // ---- the sender's

  emit(bytes: Uint8Array): void {
    this.destination.next(bytes);
  }

  started(): void {
    this.settings.flow?.request?.responseStarted();
  }

  ended(): void {
    this.sending = false;
    this.settings.flow?.request?.responseEnded();
    if (this.sourceCompleted && !this.closed) super._complete();
  }

  fail(error: unknown): void {
    this._error(error);
  }

  override unsubscribe(): void {
    if (this.closed) return;
    super.unsubscribe();
    this.sender?.unsubscribe();
  }
}
