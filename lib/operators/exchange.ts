/**
 * One connection from bytes to bytes: what `decodeScgi`, timeouts, `mergeMap(handler)`, error answers and `encodeScgi`
 * come to, in one subscriber, as a connection carries one request and its cost is the price of the whole.
 *
 *     head ──its end──▶ handling ──a response──▶ responding ──its end──▶ over
 *       └── a fault ───────┴──▶ answering with a status ──────────────────┘
 */
import { Subscriber, from, throwError } from 'rxjs';
import { ScgiLimitError, ScgiUsageError } from '../core/errors.js';
import { decodeLatin1 } from '../core/latin1.js';
import type { MetaVariables } from '../core/meta-variables.js';
import { RequestReader, type RequestSink } from '../core/request-reader.js';
import { BodyChannel } from './body-channel.js';
import { EarlySubscriber } from './early-subscriber.js';
import type { HandleSettings } from './engine-options.js';
import { cameAsHttp, errorAnswer, httpAnswer } from './error-answer.js';
import type { ExchangeObserver } from './exchange-observer.js';
import type { FlowState } from './flow.js';
import { IdleTimer, type Timekeeper } from './idle-timer.js';
import { IncomingRequest } from './incoming-request.js';
import { joinHead, type ResponseOutlet, type TextSink } from './response-outlet.js';
import { ResponseSender } from './response-sender.js';
import { discardResponse, discardWhen } from './response-source.js';
import type { ScgiHandler, ScgiRequest, ScgiResponse } from './types.js';

type TimeoutCode = 'ERR_SCGI_HEADERS_TIMEOUT' | 'ERR_SCGI_BODY_TIMEOUT' | 'ERR_SCGI_HANDLER_TIMEOUT';

export class Exchange extends Subscriber<Uint8Array> implements RequestSink, ResponseOutlet {
  private readonly reader: RequestReader;
  private request: ScgiRequest | undefined;
  private channel: BodyChannel | undefined;
  private handling: Subscriber<ScgiResponse> | undefined;
  private sender: ResponseSender | undefined;
  private inputTimer: IdleTimer | undefined;
  private handlerTimer: IdleTimer | undefined;
  private failing = false;
  private firstError: unknown;
  private lost = false;

  constructor(
    private readonly output: Subscriber<Uint8Array> & Partial<TextSink>,
    private readonly handler: ScgiHandler,
    private readonly settings: HandleSettings,
    private readonly flow: FlowState | undefined,
    private readonly keeper: Timekeeper,
    private readonly observer: ExchangeObserver,
  ) {
    super(output);
    this.reader = new RequestReader(settings.limits, this);
    this.inputTimer = this.startTimer('ERR_SCGI_HEADERS_TIMEOUT', 'headersTimeoutMs');
  }

  // ---- the source's notifications

  protected override _next(chunk: Uint8Array): void {
    try {
      this.reader.push(chunk);
    } catch (fault) {
      this.fail(fault);
    }
  }

  /** The input ends, by which some gateways say that the request is complete: not the end of the exchange. */
  protected override _complete(): void {
    try {
      this.reader.end();
    } catch (fault) {
      this.fail(fault);
    }
  }

  /** The connection is lost: nobody is left to answer. */
  protected override _error(error: unknown): void {
    // The handler hears of it by its body; what it makes of that, an answer even, is nobody's.
    this.failing = this.lost = true;
    this.report(error);
    this.sender?.unsubscribe();
    this.channel?.fail(error);
    if (!this.closed) super._error(error);
  }

  // ---- the reader's events

  requestHeaders(variables: MetaVariables, contentLength: number): void {
    const { settings, flow } = this;
    this.inputTimer?.stop();
    this.channel = new BodyChannel(settings, flow);
    this.request = new IncomingRequest(variables, contentLength, this.channel, settings);
    if (contentLength === 0) {
      this.channel.end();
    } else {
      this.inputTimer = this.startTimer('ERR_SCGI_BODY_TIMEOUT', 'bodyTimeoutMs');
      // The time during which we did not read is not the gateway's.
      this.add(flow?.inputPaused.subscribe(() => this.inputTimer?.touch()));
    }
    this.observer.request?.(this.request);
    // Who was told may have ended it.
    if (this.closed) return;
    this.callHandler(this.request);
    // Most have answered by now.
    if (!this.sender && !this.closed)
      this.handlerTimer = this.startTimer('ERR_SCGI_HANDLER_TIMEOUT', 'handlerTimeoutMs');
  }

  requestBody(data: Uint8Array): void {
    this.inputTimer?.start();
    this.channel?.write(data);
  }

  requestEnd(): void {
    this.inputTimer?.stop();
    this.channel?.end();
  }

  // ---- the handler

  private callHandler(request: ScgiRequest): void {
    const handling = new EarlySubscriber<ScgiResponse>({
      next: (response) => this.respond(response),
      error: (error) => this.fail(error),
      complete: () => this.handlerCompleted(),
    });
    this.handling = handling;
    try {
      const handled = this.handler(request);
      discardWhen(() => handling.closed, handled);
      from(handled).subscribe(handling);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The handler's response, of which there is one. */
  private respond(response: ScgiResponse): void {
    if (this.lost || this.sender) discardResponse(response);
    if (this.lost) return;
    if (this.sender) {
      this.fail(
        new ScgiUsageError('ERR_SCGI_EVENT_ORDER', 'a second response came while the first is under way'),
      );
      return;
    }
    this.handlerTimer?.stop();
    this.send(response);
  }

  /** The handler has nothing more to say. */
  private handlerCompleted(): void {
    if (this.sender) return;
    this.fail(new ScgiUsageError('ERR_SCGI_NO_RESPONSE', 'the handler completed without a response'));
  }

  private send(response: ScgiResponse): void {
    this.sender = new ResponseSender(this, this.flow, this.settings.maxQueuedBytes, this.request?.method);
    this.sender.send(response);
  }

  // ---- the sender's notifications

  emit(bytes: Uint8Array): void {
    this.output.next(bytes);
  }

  emitHead(head: string, data: Uint8Array | string): void {
    const { output } = this;
    if (output.nextText) output.nextText(head + (typeof data === 'string' ? data : decodeLatin1(data)));
    else output.next(joinHead(head, data));
  }

  get bodyTaken(): boolean {
    return this.channel?.taken ?? false;
  }

  started(): void {
    this.channel?.start();
  }

  ended(): void {
    this.finish(this.sender?.status ?? 500);
  }

  // ---- faults

  /** Answers with a status while that is possible, and cuts the connection where it is not. */
  fail(error: unknown): void {
    if (this.closed) return;
    if (this.failing) {
      // A handler that answers to the first error may do it badly; or it just passes that error on.
      if (error !== this.firstError && !this.lost) this.report(error);
      return;
    }
    this.failing = true;
    this.firstError = error;
    this.stopTimers();
    this.reader.stop();
    this.report(error);
    const { sender } = this;
    // The body first: a handler that catches its error may still answer, in this very call.
    this.channel?.fail(error);
    if (this.closed) return;
    if (this.sender !== sender && this.sender?.sending) {
      // It does, with a body that is still to come. What goes wrong from here on is another fault.
      this.failing = false;
      return;
    }
    this.handling?.unsubscribe();
    if (this.sender?.headSent) {
      super._error(error);
    } else if (cameAsHttp(error)) {
      this.output.next(httpAnswer());
      this.finish(400);
    } else {
      this.sender?.unsubscribe();
      this.send(errorAnswer(error));
    }
  }

  private report(error: unknown): void {
    try {
      this.observer.failure?.(error, this.request);
      this.settings.onError(error, this.request);
    } catch (thrown) {
      // As RxJS does with a callback that throws: told to the process, not to the connection.
      throwError(() => thrown).subscribe();
    }
  }

  private startTimer(
    code: TimeoutCode,
    option: 'headersTimeoutMs' | 'bodyTimeoutMs' | 'handlerTimeoutMs',
  ): IdleTimer | undefined {
    const ms = this.settings[option];
    if (ms === Infinity) return undefined;
    const timer = new IdleTimer(this.keeper, ms, () => {
      if (code === 'ERR_SCGI_BODY_TIMEOUT') {
        // The time in which we do not read is not the gateway's.
        if (this.flow?.inputHeld) {
          timer.start();
          return;
        }
        // nginx sends no more of an upload once it has the head of the response; the next chunk starts the time anew.
        if (!this.channel?.awaited) return;
      }
      this.fail(new ScgiLimitError(code, `${WAITED_FOR[code]} within ${option}, ${ms} ms`, ms, ms));
    });
    timer.start();
    return timer;
  }

  // ---- finalization

  private finish(status: number): void {
    this.observer.response?.(status);
    this.output.complete();
    this.unsubscribe();
  }

  private stopTimers(): void {
    this.inputTimer?.stop();
    this.handlerTimer?.stop();
  }

  override unsubscribe(): void {
    if (this.closed) return;
    super.unsubscribe();
    this.stopTimers();
    this.handling?.unsubscribe();
    this.sender?.unsubscribe();
    this.reader.stop();
    this.channel?.abandon(this.reader.bytesRead);
    this.observer.released?.();
  }
}

const WAITED_FOR: Record<TimeoutCode, string> = {
  ERR_SCGI_HEADERS_TIMEOUT: 'no complete head came',
  ERR_SCGI_BODY_TIMEOUT: 'no more of the body came',
  ERR_SCGI_HANDLER_TIMEOUT: 'the handler gave no response',
};
