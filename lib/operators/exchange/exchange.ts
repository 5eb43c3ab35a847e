/**
 * One connection from bytes to bytes: what `decodeScgi`, timeouts, `mergeMap(handler)`, error answers and `encodeScgi`
 * come to, in one object, as a connection carries one request and its cost is the price of the whole.
 *
 *     head ──its end──▶ handling ──a response──▶ responding ──its end──▶ over
 *       └── a fault ───────┴──▶ answering with a status ──────────────────┘
 */
import type { Subscription, Unsubscribable } from 'rxjs';
import { ScgiUsageError } from '../../core/errors.js';
import { decodeLatin1 } from '../../core/latin1.js';
import type { MetaVariables } from '../../core/meta-variables.js';
import { RequestParser, type RequestSink } from '../../core/request/request-parser.js';
import { BodyChannel } from '../request/body-channel.js';
import type { HandleSettings } from '../engine-options.js';
import { cameAsHttp, errorAnswer, httpAnswer } from '../response/error-answer.js';
import type { ExchangeObserver } from './exchange-observer.js';
import { startTimeout, type TimedExchange, type TimeoutOption } from './exchange-timeouts.js';
import { HandlerCall } from './handler-call.js';
import type { FlowState } from '../flow.js';
import type { Target } from '../forwarding-subscriber.js';
import type { IdleTimer, Timekeeper } from './idle-timer.js';
import { IncomingRequest } from '../request/incoming-request.js';
import { joinHead, type ResponseOutlet, type TextSink } from '../response/response-outlet.js';
import { ResponseSender } from '../response/response-sender.js';
import { discardResponse } from '../response/response-source.js';
import type { AnyScgiHandler, ScgiRequest, ScgiResponse } from '../types.js';

export class Exchange implements Target<Uint8Array>, RequestSink, ResponseOutlet, TimedExchange {
  private readonly reader: RequestParser;
  private request: ScgiRequest | undefined;
  private channel: BodyChannel | undefined;
  private handling: HandlerCall | undefined;
  private sender: ResponseSender | undefined;
  private inputTimer: IdleTimer | undefined;
  private handlerTimer: IdleTimer | undefined;
  private braking: Subscription | undefined;
  private closed = false;
  private failing = false;
  private firstError: unknown;
  private lost = false;

  /** @param output - where the bytes go; whoever closes it unsubscribes the exchange. */
  constructor(
    private readonly output: Target<Uint8Array> & Partial<TextSink>,
    private readonly handler: AnyScgiHandler,
    private readonly settings: HandleSettings,
    private readonly flow: FlowState | undefined,
    private readonly keeper: Timekeeper,
    private readonly observer: ExchangeObserver,
  ) {
    this.reader = new RequestParser(settings.limits, this);
    this.inputTimer = this.startTimer('headersTimeoutMs');
  }

  // ---- the source's notifications

  next(chunk: Uint8Array): void {
    try {
      this.reader.push(chunk);
    } catch (fault) {
      this.fail(fault);
    }
  }

  /** The input ends, by which some gateways say that the request is complete: not the end of the exchange. */
  complete(): void {
    try {
      this.reader.end();
    } catch (fault) {
      this.fail(fault);
    }
  }

  /** The connection is lost: nobody is left to answer. */
  error(error: unknown): void {
    if (this.closed) return;
    // The handler hears of it by its body; what it makes of that, an answer even, is nobody's.
    this.failing = this.lost = true;
    this.report(error);
    this.release(this.sender);
    this.guard(() => this.channel?.fail(error));
    // Its body's error may have been the end of it.
    if (!this.closed) this.abort(error);
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
      this.inputTimer = this.startTimer('bodyTimeoutMs');
      // The time during which we did not read is not the gateway's.
      this.braking = flow?.inputPaused.subscribe(() => this.inputTimer?.touch());
    }
    this.observer.request?.(this.request);
    // Who was told may have ended it.
    if (this.closed) return;
    this.callHandler(this.request);
    // Most have answered by now.
    if (!this.sender && !this.closed) this.handlerTimer = this.startTimer('handlerTimeoutMs');
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
    this.handling = new HandlerCall({
      next: (response) => this.respond(response),
      error: (error) => this.fail(error),
      complete: () => this.handlerCompleted(),
    });
    this.handling.start(this.handler, request);
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
    this.observer.started?.(this.sender?.status ?? 200);
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
    this.guard(() => this.channel?.fail(error));
    if (this.closed) return;
    if (this.sender !== sender && this.sender?.sending) {
      // It does, with a body that is still to come. What goes wrong from here on is another fault.
      this.failing = false;
      return;
    }
    this.release(this.handling);
    if (this.sender?.headSent) {
      this.abort(error);
    } else if (cameAsHttp(error)) {
      this.output.next(httpAnswer());
      this.finish(400);
    } else {
      this.release(this.sender);
      this.send(errorAnswer(error));
    }
  }

  private report(error: unknown): void {
    const { observer, settings, request } = this;
    observer.failure?.(error, request);
    try {
      settings.onError(error, request);
    } catch (thrown) {
      // Thrown on, it would end the process, and all other connections with it.
      observer.failure?.(thrown, request);
    }
  }

  private release(subscription: Unsubscribable | undefined): void {
    this.guard(() => subscription?.unsubscribe());
  }

  /** Runs foreign code that must not stop what comes after it: error callbacks and finalizers. */
  private guard(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      this.report(thrown);
    }
  }

  // ---- timeouts

  get inputHeld(): boolean {
    return this.flow?.inputHeld ?? false;
  }

  get bodyAwaited(): boolean {
    return this.channel?.awaited ?? false;
  }

  private startTimer(option: TimeoutOption): IdleTimer | undefined {
    return startTimeout(option, this.settings, this.keeper, this);
  }

  private stopTimers(): void {
    this.inputTimer?.stop();
    this.handlerTimer?.stop();
  }

  // ---- finalization

  private finish(status: number): void {
    this.observer.response?.(status);
    this.output.complete();
    this.unsubscribe();
  }

  /** Gives the response up: what has gone out must not look complete. */
  private abort(error: unknown): void {
    try {
      this.output.error(error);
    } finally {
      this.unsubscribe();
    }
  }

  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    this.braking?.unsubscribe();
    this.stopTimers();
    this.release(this.handling);
    this.release(this.sender);
    this.reader.stop();
    this.guard(() => this.channel?.abandon(this.reader.bytesRead));
    this.observer.released?.();
  }
}
