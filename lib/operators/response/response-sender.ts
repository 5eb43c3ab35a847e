/** Sends one response: at once where its body is at hand, else its head, and a stream of what is to come. */
import type { ObservableInput } from 'rxjs';
import { redirectWithMore } from '../../core/response/response-head.js';
import { ResponseWriter } from '../../core/response/response-writer.js';
import { bytesOf, isShortAscii, isStream } from './body-chunk.js';
import { checkedResponse } from './checked-response.js';
import type { FlowState } from '../flow.js';
import type { ResponseOutlet } from './response-outlet.js';
import { discardBody, discardResponse } from './response-source.js';
import { COALESCED_BYTES, ResponseStream } from './response-stream.js';
import type { BodyChunk, ScgiResponse } from '../types.js';

export class ResponseSender implements ResponseOutlet {
  private readonly writer = new ResponseWriter();
  private stream: ResponseStream | undefined;
  private closed = false;
  private sent = false;

  /**
   * @param maxQueuedBytes - how much of an Observable body may wait for the gateway.
   * @param requestMethod - the answer to HEAD has no body.
   */
  constructor(
    private readonly outlet: ResponseOutlet,
    private readonly flow: FlowState | undefined,
    private readonly maxQueuedBytes: number,
    private readonly requestMethod: string | undefined,
  ) {}

  /** Whether any of the response has gone out. */
  get headSent(): boolean {
    return this.sent;
  }

  /** Whether the head has gone out, and the rest is on its way. */
  get sending(): boolean {
    return this.sent && !this.closed;
  }

  get status(): number | undefined {
    return this.writer.status;
  }

  send(response: ScgiResponse): void {
    try {
      const { body = '' } = checkedResponse(response);
      if (isStream(body)) {
        this.sendStream(response, body, undefined);
        return;
      }
      const data = isShortAscii(body) ? body : bytesOf(body);
      if (data.length <= COALESCED_BYTES) this.sendWhole(response, data);
      else this.sendStream(response, [data], data.length);
    } catch (fault) {
      // Nobody has begun it, and nobody will.
      if (!this.stream) discardResponse(response);
      this.fail(fault);
    }
  }

  /** Sends no more, and frees the body. */
  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    this.stream?.unsubscribe();
  }

  /** @param body - bytes, or text of which each character is one. */
  private sendWhole(response: ScgiResponse, body: Uint8Array | string): void {
    const context = { requestMethod: this.requestMethod, bodyLength: body.length };
    const head = this.writer.writeHead(response, context);
    const data = this.writer.writeBody(body) ?? '';
    this.writer.end();
    this.emitHead(head, data);
    this.ended();
  }

  private sendStream(
    response: ScgiResponse,
    body: ObservableInput<BodyChunk>,
    bodyLength: number | undefined,
  ): void {
    const { writer } = this;
    const head = writer.writeHead(response, { requestMethod: this.requestMethod, bodyLength });
    if (writer.bodyPolicy === 'sent') {
      this.stream = new ResponseStream(this, writer, head, this.flow, this.maxQueuedBytes);
      this.stream.start(body);
      return;
    }
    if (writer.bodyPolicy === 'forbidden') throw redirectWithMore();
    discardBody(body);
    writer.end();
    this.emitHead(head, '');
    this.ended();
  }

  // ---- what goes out, of a whole response or of the stream

  get bodyTaken(): boolean {
    return this.outlet.bodyTaken;
  }

  emitHead(head: string, data: Uint8Array | string): void {
    if (this.closed) return;
    this.sent = true;
    this.outlet.emitHead(head, data);
  }

  emit(bytes: Uint8Array): void {
    if (!this.closed) this.outlet.emit(bytes);
  }

  started(): void {
    this.outlet.started();
  }

  ended(): void {
    if (this.closed) return;
    this.unsubscribe();
    this.outlet.ended();
  }

  fail(error: unknown): void {
    if (this.closed) return;
    this.unsubscribe();
    this.outlet.fail(error);
  }
}
