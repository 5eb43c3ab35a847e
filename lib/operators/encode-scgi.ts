/** Responses to bytes. RFC 3875 §6. */
import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { ScgiUsageError } from '../core/errors.js';
import { verifyOptionNames } from '../core/options.js';
import { EarlySubscriber } from './early-subscriber.js';
import {
  ENCODE_OPTIONS,
  verifyEncodeOptions,
  type EncodeOptions,
  type EncodeSettings,
} from './engine-options.js';
import type { Target } from './forwarding-subscriber.js';
import { joinHead, type ResponseOutlet } from './response/response-outlet.js';
import { ResponseSender } from './response/response-sender.js';
import { discardResponse } from './response/response-source.js';
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
 * on, and fails at `maxQueuedBytes`. Chunks of more than 256 KiB go out in slices. Completes when the source has and the body is out.
 *
 * @param options - the connection's flow, and the bound of its queue in bytes; see {@link EncodeOptions}.
 * @returns an operator function from the one {@link ScgiResponse} to chunks.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: those of responses in docs/errors.md, ERR_SCGI_RESPONSE_OVERFLOW, and those of the source and
 * of the body. After an error the connection must be cut, so that the response does not look complete.
 * @see RFC 3875 §6
 */
export function encodeScgi(options?: EncodeOptions): OperatorFunction<ScgiResponse, Uint8Array> {
  verifyOptionNames('encodeScgi', options, ENCODE_OPTIONS);
  const settings = verifyEncodeOptions(options);
  return (source) =>
    new Observable((destination) => {
      const responses = new EarlySubscriber(new Encoder(destination, settings));
      destination.add(responses);
      source.subscribe(responses);
    });
}

/** Not itself the source's subscriber: a source that has completed is finalized at once, however long the body goes on. */
class Encoder implements Target<ScgiResponse>, ResponseOutlet {
  private sender: ResponseSender | undefined;
  private sending = false;
  private sourceCompleted = false;

  constructor(
    private readonly destination: Subscriber<Uint8Array>,
    private readonly settings: EncodeSettings,
  ) {}

  // ---- the source's notifications

  next(response: ScgiResponse): void {
    if (this.sender) {
      discardResponse(response);
      const when = this.sending ? 'while the first is under way' : 'after the first';
      this.fail(
        new ScgiUsageError(
          'ERR_SCGI_EVENT_ORDER',
          `a second response came ${when}; a connection carries one`,
        ),
      );
      return;
    }
    const { flow, maxQueuedBytes, requestMethod } = this.settings;
    const sender = new ResponseSender(this, flow, maxQueuedBytes, requestMethod ?? flow?.request?.method);
    this.sending = true;
    this.sender = sender;
    this.destination.add(() => sender.unsubscribe());
    sender.send(response);
  }

  error(error: unknown): void {
    this.destination.error(error);
  }

  complete(): void {
    this.sourceCompleted = true;
    if (!this.sending) this.destination.complete();
  }

  // ---- the sender's

  emit(bytes: Uint8Array): void {
    this.destination.next(bytes);
  }

  emitHead(head: string, data: Uint8Array | string): void {
    this.destination.next(joinHead(head, data));
  }

  get bodyTaken(): boolean {
    // Without a decoder nobody can say; whoever plays one holds what there is.
    return this.settings.flow?.request?.bodyTaken ?? true;
  }

  started(): void {
    this.settings.flow?.request?.responseStarted();
  }

  ended(): void {
    this.sending = false;
    this.settings.flow?.request?.responseEnded();
    if (this.sourceCompleted) this.destination.complete();
  }

  fail(error: unknown): void {
    this.destination.error(error);
  }
}
