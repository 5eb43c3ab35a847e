/** An exchange that is inspected: the handler, its response, and the part to which an error belongs. */
import type { ScgiProtocolError } from '../../core/errors/errors.js';
import { Exchange } from '../../operators/exchange/exchange.js';
import { HandlerCall } from '../../operators/exchange/handler-call.js';
import type { FlowState } from '../../operators/flow/flow.js';
import type { Target } from '../../operators/flow/forwarding-subscriber.js';
import type { BodyChannel, BodyLimits } from '../../operators/request/body-channel.js';
import type { IncomingRequest } from '../../operators/request/incoming-request.js';
import { ResponseSender } from '../../operators/response/response-sender.js';
import { ResponseStream } from '../../operators/response/response-stream.js';
import type { AnyScgiHandler, BodyChunk, ScgiRequest, ScgiResponse } from '../../operators/types.js';
import { InspectedBody } from './inspected-body.js';
import type { ConnectionEvents } from './inspector.js';

export class InspectedExchange extends Exchange {
  constructor(
    private readonly events: ConnectionEvents,
    ...exchange: ConstructorParameters<typeof Exchange>
  ) {
    super(...exchange);
  }

  /** The intake asks for it, when the head of the request is complete. */
  makeChannel(limits: BodyLimits, flow: FlowState | undefined): BodyChannel {
    return new InspectedBody(this.events, limits, flow, this);
  }

  override requestReceived(request: IncomingRequest): void {
    this.events.request(request);
    // The observer may have ended the exchange.
    if (!this.closed) super.requestReceived(request);
  }

  protected override makeCall(target: Target<ScgiResponse>): HandlerCall {
    return new InspectedCall(this.events, target);
  }

  protected override makeSender(): ResponseSender {
    const { events, flow, intake, settings } = this;
    const by = this.answering ? 'error' : 'handler';
    return new InspectedSender(events, by, this, flow, settings.maxQueuedBytes, intake.request?.method);
  }

  // ---- where errors belong

  override requestFailed(fault: unknown): void {
    this.events.within('request', () => super.requestFailed(fault));
  }

  override requestSurplus(surplus: ScgiProtocolError): void {
    this.events.within('request', () => super.requestSurplus(surplus));
  }

  override handlerFailed(error: unknown): void {
    this.events.within('handler', () => super.handlerFailed(error));
  }

  override fail(error: unknown): void {
    this.events.within('response', () => super.fail(error));
  }

  override error(error: unknown): void {
    this.events.within('connection', () => super.error(error));
  }
}

class InspectedCall extends HandlerCall {
  private state: 'called' | 'emitted' | 'over' = 'called';

  constructor(
    private readonly events: ConnectionEvents,
    target: Target<ScgiResponse>,
  ) {
    super(target);
  }

  override start(handler: AnyScgiHandler, request: ScgiRequest, body?: { readonly pulled: boolean }): void {
    this.events.emit({ type: 'handler', state: 'called' });
    // The observer may have ended the exchange.
    if (!this.closed) super.start(handler, request, body);
  }

  protected override _next(response: ScgiResponse): void {
    this.state = 'emitted';
    this.events.emit({ type: 'handler', state: 'emitted' });
    super._next(response);
  }

  protected override _error(error: unknown): void {
    this.tellEnd('failed');
    super._error(error);
  }

  protected override _complete(): void {
    if (this.state !== 'called') this.tellEnd('completed');
    super._complete();
  }

  override unsubscribe(): void {
    if (!this.closed) this.tellEnd('unsubscribed');
    super.unsubscribe();
  }

  private tellEnd(state: 'failed' | 'completed' | 'unsubscribed'): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.events.emit({ type: 'handler', state });
  }
}

class InspectedSender extends ResponseSender {
  constructor(
    private readonly events: ConnectionEvents,
    private readonly by: 'handler' | 'error',
    ...sender: ConstructorParameters<typeof ResponseSender>
  ) {
    super(...sender);
  }

  protected override writeHead(response: ScgiResponse, bodyLength: number | undefined): string {
    const head = super.writeHead(response, bodyLength);
    this.events.response(this.status ?? 200, head, this.by);
    return head;
  }

  protected override makeStream(head: string): ResponseStream {
    return new InspectedStream(this.events, this, this.writer, head, this.flow, this.maxQueuedBytes);
  }

  override emitHead(head: string, data: Uint8Array | string): void {
    // A body that is at hand goes out with the head; the chunks of others have been told.
    if (!this.stream) this.events.chunk(data);
    super.emitHead(head, data);
  }
}

class InspectedStream extends ResponseStream {
  constructor(
    private readonly events: ConnectionEvents,
    ...stream: ConstructorParameters<typeof ResponseStream>
  ) {
    super(...stream);
  }

  override next(chunk: BodyChunk): void {
    if (!this.closed && !this.sourceEnded) this.events.chunk(chunk);
    super.next(chunk);
  }
}
