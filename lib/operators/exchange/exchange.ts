/**
 * One connection from bytes to bytes: what `decodeScgi`, timeouts, `mergeMap(handler)`, error answers and `encodeScgi`
 * come to, in one object, as a connection carries one request and its cost is the price of the whole.
 *
 *     head ──its end──▶ handling ──a response──▶ responding ──its end──▶ over
 *       └── a fault ───────┴──▶ answering with a status ──────────────────┘
 */
import type { Unsubscribable } from 'rxjs';
import { ScgiUsageError, type ScgiProtocolError } from '../../core/errors.js';
import { decodeLatin1 } from '../../core/latin1.js';
import type { HandleSettings } from '../engine-options.js';
import { errorAnswer } from '../error-answer.js';
import type { FlowState } from '../flow.js';
import type { Target } from '../forwarding-subscriber.js';
import { RequestIntake, type IntakeOwner } from '../request/request-intake.js';
import { joinHead, type ResponseOutlet, type TextSink } from '../response/response-outlet.js';
import { ResponseSender } from '../response/response-sender.js';
import { discardResponse } from '../response/discard-response.js';
import type { AnyScgiHandler, ScgiRequest, ScgiResponse } from '../types.js';
import { ExchangeTimers, type TimedExchange } from './exchange-timers.js';
import { HandlerCall } from './handler-call.js';
import type { Timekeeper } from './idle-timer.js';

/** Receives an exchange's lifecycle events. */
export interface ExchangeObserver {
  /** The headers are complete, and the handler is about to be called. */
  request?(request: ScgiRequest): void;
  /** The head of a response with this status is out; its body is still to come. */
  started?(status: number): void;
  /** All of the response, with this status, has been handed to the output. */
  response?(status: number): void;
  /** Something went wrong, on either side. */
  failure?(error: unknown, request: ScgiRequest | undefined): void;
  /** The exchange is over and reads no more. */
  released?(): void;
}

export class Exchange implements Target<Uint8Array>, IntakeOwner, ResponseOutlet, TimedExchange {
  private readonly intake: RequestIntake;
  private readonly timers: ExchangeTimers;
  private handling: HandlerCall | undefined;
  private sender: ResponseSender | undefined;
  private closed = false;
  private failing = false;
  private firstError: unknown;
  private lost = false;
  private loopBegunInCall = false;

  /** @param output - where the bytes go; its owner unsubscribes the exchange when it closes the output. */
  constructor(
    private readonly output: Target<Uint8Array> & Partial<TextSink>,
    private readonly handler: AnyScgiHandler,
    private readonly settings: HandleSettings,
    private readonly flow: FlowState | undefined,
    keeper: Timekeeper,
    private readonly observer: ExchangeObserver,
  ) {
    this.intake = new RequestIntake(settings, flow, this);
    this.timers = new ExchangeTimers(settings, flow, keeper, this);
  }

  // ---- the source's notifications

  next(chunk: Uint8Array): void {
    this.intake.push(chunk);
  }

  /** The input ends. Some gateways say by this that the request is complete: the exchange goes on. */
  complete(): void {
    this.intake.end();
  }

  /** The connection is lost: nobody is left to answer. */
  error(error: unknown): void {
    if (this.closed) return;
    // The handler hears of it by its body; what it makes of that, an answer even, is nobody's.
    this.failing = this.lost = true;
    this.firstError ??= error;
    this.report(error);
    const { readAside } = this;
    this.release(this.sender);
    this.guard(() => this.intake.channel?.fail(error, readAside));
    // Its body's error may have been the end of it.
    if (!this.closed) this.abort(error);
  }

  // ---- the intake's events

  requestReceived(request: ScgiRequest): void {
    this.timers.headersReceived();
    if (request.contentLength > 0) this.timers.awaitBody();
    this.observer.request?.(request);
    // The observer may have ended the exchange.
    if (this.closed) return;
    this.callHandler(request);
    // Most handlers have answered by now.
    if (!this.sender && !this.closed) this.timers.awaitResponse();
  }

  bodyProgressed(): void {
    this.timers.bodyProgressed();
  }

  requestCompleted(): void {
    this.timers.bodyEnded();
  }

  requestSurplus(surplus: ScgiProtocolError): void {
    this.report(surplus);
  }

  // ---- the handler

  private callHandler(request: ScgiRequest): void {
    this.handling = new HandlerCall({
      next: (response) => this.respond(response),
      error: (error) => this.fail(error),
      complete: () => this.handlerCompleted(),
    });
    this.handling.start((incoming) => {
      const handled = this.handler(incoming);
      this.loopBegunInCall = this.intake.channel?.pulled ?? false;
      return handled;
    }, request);
  }

  /**
   * Whether a loop over the body belongs to the application alone: nobody would handle its rejection.
   *
   * An async handler that is pending may be waiting for the loop, and so may a response that is under way.
   */
  private get readAside(): boolean {
    if (this.handling?.pending) return false;
    return this.loopBegunInCall || (this.sender !== undefined && !this.sender.sending);
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
    this.timers.responded();
    this.send(response);
  }

  /** The handler has nothing more to say. */
  private handlerCompleted(): void {
    if (this.sender) return;
    this.fail(new ScgiUsageError('ERR_SCGI_NO_RESPONSE', 'the handler completed without a response'));
  }

  private send(response: ScgiResponse): void {
    this.sender = new ResponseSender(
      this,
      this.flow,
      this.settings.maxQueuedBytes,
      this.intake.request?.method,
    );
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
    return this.intake.channel?.taken ?? false;
  }

  started(): void {
    this.observer.started?.(this.sender?.status ?? 200);
    this.intake.channel?.start();
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
    this.timers.stop();
    this.intake.stop();
    this.report(error);
    const { sender } = this;
    // The body first: a handler that catches its error may still answer, in this very call.
    this.guard(() => this.intake.channel?.fail(error, this.readAside));
    if (this.closed) return;
    if (this.sender !== sender && this.sender?.sending) {
      // It does, with a body that is still to come. What goes wrong from here on is another fault.
      this.failing = false;
      return;
    }
    this.release(this.handling);
    if (this.sender?.headSent) {
      this.abort(error);
    } else {
      this.release(this.sender);
      this.send(errorAnswer(error));
    }
  }

  private report(error: unknown): void {
    const { observer, settings } = this;
    const { request } = this.intake;
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

  get bodyAwaited(): boolean {
    return this.intake.channel?.awaited ?? false;
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
    const { readAside } = this;
    this.timers.stop();
    this.release(this.handling);
    this.release(this.sender);
    this.intake.stop();
    this.intake.request?.abort(this.firstError);
    this.guard(() => this.intake.channel?.abandon(this.intake.bytesRead, readAside));
    this.observer.released?.();
  }
}
