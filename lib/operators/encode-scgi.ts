/** Responses to bytes. RFC 3875 §6. */
import { Observable, type OperatorFunction, type Subscriber, type Subscription } from 'rxjs';
import { ScgiUsageError } from '../core/errors/errors.js';
import { verifyOptionNames } from '../core/options.js';
import {
  ENCODE_OPTIONS,
  verifyEncodeOptions,
  type EncodeOptions,
  type EncodeSettings,
} from './engine-options.js';
import { ForwardingSubscriber, type Target } from './flow/forwarding-subscriber.js';
import { discardResponse } from './response/discard-response.js';
import { emitHeadTo, type ResponseOutlet, type TextSink } from './response/response-outlet.js';
import { ResponseSender } from './response/response-sender.js';
import type { ScgiResponse } from './types.js';

/**
 * Writes the response of one connection.
 *
 *     source:         --r-----------        r: ScgiResponse with an Observable body
 *     r.body:           --a--b--|
 *     result:         --h-a--b--|           h: the head, with the first chunk if there is one already
 *     outputPaused:   f----------
 *
 * Completes when the response is out, and then unsubscribes from the source. What the source does after its first response is
 * ignored. If the source completes without a response, the result errors with ERR_SCGI_NO_RESPONSE.
 *
 * With `answer`, an error before the head unsubscribes from the source, and the response that `answer` returns goes out:
 *
 *     source:                       --#
 *     answer: () => e               --(e|)
 *
 * A body of text or bytes goes out with its head, in one chunk, and its `Content-Length` is added. Iterables, async iterables,
 * `ReadableStream`s, Node.js `Readable`s and a `request.body` are pulled while `flow.outputPaused` is false; other connections get
 * their turn in between. Observables push: what the gateway does not take yet is queued. From half of `maxQueuedBytes` on, the queue
 * pauses the input of the connection; above `maxQueuedBytes`, the response fails. Chunks of more than 256 KiB go out in slices.
 *
 * You may reuse the buffer of a pulled chunk when the next chunk is asked for, and that of any chunk of up to 16 KiB at once. Do not
 * change larger chunks that were pushed, or that are the whole body, until the response is out. If a buffer is transferred before
 * it has gone out, the response fails.
 *
 * @param options - the connection's flow, and the limit of its queue in bytes; see {@link EncodeOptions}.
 * @returns an operator function from the one {@link ScgiResponse} to chunks.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: those of responses in docs/reference/errors.md, ERR_SCGI_RESPONSE_OVERFLOW, and those of the source and
 * of the body; with `answer`, only after the head. After an error, cut the connection, so that the response does not
 * look complete.
 * @see RFC 3875 §6
 * @example
 * ```ts
 * import { encodeScgi, errorAnswer } from 'rxscgi';
 * import { of, throwError } from 'rxjs';
 *
 * of({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: of('Hello, ', 'world') })
 *   .pipe(encodeScgi())
 *   .subscribe((chunk) => console.log(chunk.length));
 *
 * // Answered with 500 and no more than `Internal Server Error`.
 * throwError(() => new Error('secret')).pipe(encodeScgi({ answer: errorAnswer })).subscribe();
 * ```
 */
export function encodeScgi(options?: EncodeOptions): OperatorFunction<ScgiResponse, Uint8Array> {
  verifyOptionNames('encodeScgi', options, ENCODE_OPTIONS);
  const settings = verifyEncodeOptions(options);
  return (source) =>
    new Observable((destination) => {
      const encoder = new Encoder(destination, settings);
      const responses = new ForwardingSubscriber(encoder, 'after');
      encoder.responses = responses;
      destination.add(encoder);
      source.subscribe(responses);
    });
}

class Encoder implements Target<ScgiResponse>, ResponseOutlet {
  /** The subscription to the source. */
  responses: Subscription | undefined;
  private sender: ResponseSender | undefined;
  private answering = false;

  constructor(
    private readonly destination: Subscriber<Uint8Array> & Partial<TextSink>,
    private readonly settings: EncodeSettings,
  ) {
    if (settings.flow) settings.flow.encoding = true;
  }

  // ---- the source's notifications

  next(response: ScgiResponse): void {
    if (this.sender) discardResponse(response);
    else this.send(response);
  }

  error(error: unknown): void {
    if (!this.sender) this.answerTo(error);
  }

  complete(): void {
    if (this.sender) return;
    this.answerTo(
      new ScgiUsageError(
        'ERR_SCGI_NO_RESPONSE',
        'the source completed without a response; see defaultIfEmpty',
      ),
    );
  }

  // ---- the sender's

  emit(bytes: Uint8Array): void {
    this.destination.next(bytes);
  }

  emitHead(head: string, data: Uint8Array | string): void {
    emitHeadTo(this.destination, head, data);
  }

  get bodyTaken(): boolean {
    // Without a decoder nobody can say; whatever takes its place holds what there is.
    return this.settings.flow?.request?.bodyTaken ?? true;
  }

  started(): void {
    this.settings.flow?.request?.responseStarted();
  }

  ended(): void {
    this.destination.complete();
  }

  fail(error: unknown): void {
    if (this.sender?.headSent) this.giveUp(error);
    else this.answerTo(error);
  }

  /** The code that ended the body gets the exception, as with operators of RxJS. */
  bodyFinalizerThrew(fault: unknown, left: boolean): void {
    if (!left) throw fault as Error;
  }

  // ---- the response

  unsubscribe(): void {
    const { flow } = this.settings;
    try {
      this.responses?.unsubscribe();
    } finally {
      // Also when a finalizer of the application's has thrown.
      this.sender?.unsubscribe();
      flow?.request?.exchangeEnded();
      if (flow) flow.encoding = false;
    }
  }

  private send(response: ScgiResponse): void {
    const { flow, maxQueuedBytes, requestMethod } = this.settings;
    this.sender = new ResponseSender(this, flow, maxQueuedBytes, requestMethod ?? flow?.request?.method);
    this.sender.send(response);
  }

  /** Nothing has gone out yet. */
  private answerTo(error: unknown): void {
    const { answer, flow } = this.settings;
    if (!answer || this.answering) {
      this.giveUp(error);
      return;
    }
    this.answering = true;
    flow?.incoming?.endsBy(error);
    try {
      this.responses?.unsubscribe();
    } finally {
      // Also when a finalizer of the application's has thrown.
      this.sendAnswer(error, answer);
    }
  }

  private giveUp(error: unknown): void {
    this.settings.flow?.incoming?.endsBy(error);
    this.destination.error(error);
  }

  private sendAnswer(error: unknown, answer: NonNullable<EncodeSettings['answer']>): void {
    const { flow } = this.settings;
    let response: ScgiResponse;
    try {
      // Without a flow, nobody can say.
      response = answer(error, { requestReceived: !flow || flow.request !== undefined });
    } catch (fault) {
      this.destination.error(fault);
      return;
    }
    this.send(response);
  }
}
