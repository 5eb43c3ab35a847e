/**
 * One connection, from bytes to bytes: `decodeScgi`, timeouts, `mergeMap(handler)` and `encodeScgi({ answer })` in one object.
 *
 *     head ──its end──▶ handling ──a response──▶ responding ──its end──▶ over
 *       └── a fault ───────┴──▶ answering with a status ──────────────────┘
 *
 * spec/operators/equivalence.spec.ts compares it with that pipeline, case by case.
 */
import type { ScgiProtocolError } from '../../core/errors/errors.js';
import type { HandleSettings } from '../engine-options.js';
import { errorAnswer } from '../response/error-answer.js';
import type { FlowState } from '../flow/flow.js';
import type { Target } from '../flow/forwarding-subscriber.js';
import { RequestIntake, type IntakeOwner } from '../request/request-intake.js';
import { discardResponse } from '../response/discard-response.js';
import { emitHeadTo, type ResponseOutlet, type TextSink } from '../response/response-outlet.js';
import { ResponseSender } from '../response/response-sender.js';
import type { AnyScgiHandler, ScgiRequest, ScgiResponse } from '../types.js';
import { ExchangeTimers, type TimedExchange } from './exchange-timers.js';
import { ExchangeReporter, type ExchangeObserver } from './exchange-observer.js';
import { HandlerCall, OwnedTarget } from './handler-call.js';
import type { Timekeeper } from './idle-timer.js';

export class Exchange implements Target<Uint8Array>, IntakeOwner, ResponseOutlet, TimedExchange {
  protected readonly intake: RequestIntake;
  private readonly timers: ExchangeTimers;
  private handling: HandlerCall | undefined;
  private sender: ResponseSender | undefined;
  private readonly reporter: ExchangeReporter;
  private requestOver = false;
  protected answering = false;
  private lost = false;
  private cancelled = false;
  protected closed = false;

  /** @param output - where the bytes go; its owner unsubscribes the exchange when it closes the output. */
  constructor(
    private readonly output: Target<Uint8Array> & Partial<TextSink>,
    private readonly handler: AnyScgiHandler,
    protected readonly settings: HandleSettings,
    protected readonly flow: FlowState | undefined,
    keeper: Timekeeper,
    private readonly observer: ExchangeObserver,
  ) {
    this.intake = new RequestIntake(settings, flow, this);
    this.reporter = new ExchangeReporter(observer, settings.onError, this.intake);
    this.timers = new ExchangeTimers(settings, flow, keeper, this.intake, this);
  }

  next(chunk: Uint8Array): void {
    this.intake.push(chunk);
  }

  /** The input ends. Some gateways say by this that the request is complete: the exchange goes on. */
  complete(): void {
    this.intake.end();
  }

  /** Whether the response has gone out to its `Content-Length`: a gateway may close then. */
  get responseIsWhole(): boolean {
    return this.sender?.isWhole ?? false;
  }

  /** The connection is lost: nobody is left to answer. */
  error(error: unknown): void {
    if (this.closed) return;
    this.lost = this.requestOver = true;
    this.reporter.report(error, true);
    const readAside = this.handling?.readsAside(this.sender);
    this.reporter.release(this.sender);
    // The handler learns of it by its body. What it makes of that, even a response, is dropped.
    this.reporter.failBody(error, readAside);
    if (!this.closed) this.abort(error);
  }

  requestReceived(request: ScgiRequest): void {
    this.timers.headersReceived(request.contentLength);
    this.observer.request?.(request);
    // The observer may have ended the exchange.
    if (this.closed) return;
    this.handling = this.makeCall(new OwnedTarget(this));
    this.handling.start(this.handler, request, this.intake.channel);
    // Most handlers have answered by now.
    if (!this.sender && !this.closed) this.timers.awaitResponse();
  }

  protected makeCall(target: Target<ScgiResponse>): HandlerCall {
    return new HandlerCall(target);
  }

  bodyProgressed(): void {
    this.timers.bodyProgressed();
  }

  requestCompleted(): void {
    this.requestOver = true;
    this.timers.bodyEnded();
    this.observer.requestCompleted?.();
  }

  requestSurplus(surplus: ScgiProtocolError): void {
    this.reporter.report(surplus);
  }

  /** The body breaks off. A handler that catches its error may still answer, and a response that does without it goes on. */
  requestFailed(fault: unknown): void {
    if (this.closed || this.requestOver) return;
    this.requestOver = true;
    this.timers.bodyEnded();
    this.intake.stop();
    this.reporter.report(fault, true);
    this.reporter.failBody(fault, this.handling?.readsAside(this.sender));
    if (this.closed) return;
    if (this.sender) this.cancel();
    else this.answer(fault);
  }

  /** The first response counts. */
  respond(response: ScgiResponse): void {
    this.timers.responded();
    if (this.closed || this.lost || this.sender) discardResponse(response);
    else this.send(response);
  }

  /** After the response, there is nothing left to fail but the response itself. */
  handlerFailed(error: unknown): void {
    if (this.closed) return;
    const isReason = !this.sender && !this.lost;
    this.reporter.report(error, isReason);
    if (isReason) this.answer(error);
  }

  handlerTimedOut(error: unknown): void {
    this.reporter.release(this.handling);
    this.handlerFailed(error);
  }

  private send(response: ScgiResponse): void {
    (this.sender = this.makeSender()).send(response);
  }

  protected makeSender(): ResponseSender {
    return new ResponseSender(this, this.flow, this.settings.maxQueuedBytes, this.intake.request?.method);
  }

  /** Answers an error before the head of a response. */
  private answer(error: unknown): void {
    this.timers.stop();
    this.intake.stop();
    this.cancel();
    this.answering = this.requestOver = true;
    this.send(errorAnswer(error));
  }

  emit(bytes: Uint8Array): void {
    this.output.next(bytes);
  }

  emitHead(head: string, data: Uint8Array | string): void {
    emitHeadTo(this.output, head, data);
  }

  get bodyTaken(): boolean {
    return this.intake.bodyTaken;
  }

  started(): void {
    this.observer.started?.(this.sender?.status ?? 200);
    this.intake.startResponse();
  }

  ended(): void {
    this.observer.response?.(this.sender?.status ?? 500);
    this.output.complete();
    this.unsubscribe();
  }

  /** The response fails. After its head it must not look complete: the connection is cut. */
  fail(error: unknown): void {
    if (this.closed) return;
    this.reporter.report(error, true);
    if (this.answering || this.sender?.headSent) this.abort(error);
    else this.answer(error);
  }

  bodyFinalizerThrew(fault: unknown): void {
    this.reporter.report(fault);
  }

  private abort(error: unknown): void {
    this.reporter.guard(() => this.output.error(error));
    this.unsubscribe();
  }

  /** Leaves the source and the handler: in this order, unless the body is being taken, as `decodeScgi` does. */
  private cancel(): void {
    this.cancelled = true;
    if (!this.bodyTaken) this.reporter.leaveSource();
    this.reporter.release(this.handling);
    this.reporter.leaveSource();
  }

  /** The handler may have been the reader of the body. */
  bodyLeft(): void {
    if (this.cancelled) this.reporter.leaveSource();
  }

  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    const readAside = this.handling?.readsAside(this.sender);
    this.timers.stop();
    this.cancel();
    this.reporter.release(this.sender);
    this.intake.stop();
    this.reporter.abort();
    this.reporter.abandonBody(readAside);
  }
}
