/** Sends one response: at once when its body is at hand, else its head, and then what comes of the body. */
import { redirectWithMore } from '../../core/response/response-head.js';
import { ResponseWriter } from '../../core/response/response-writer.js';
import { bytesOf, checkedStream, isChunk, isShortAscii, type Streaming } from './body-chunk.js';
import { checkedResponse, isFetchResponse } from './checked-response.js';
import { goesOutAsHttp } from './error-answer.js';
import type { FlowState } from '../flow/flow.js';
import { discardBody, discardResponse } from './discard-response.js';
import type { ResponseOutlet } from './response-outlet.js';
import { COALESCED_BYTES, ResponseStream } from './response-stream.js';
import type { ScgiResponse } from '../types.js';

export class ResponseSender implements ResponseOutlet {
  protected readonly writer = new ResponseWriter();
  protected stream: ResponseStream | undefined;
  private closed = false;
  private sent = false;

  /**
   * @param maxQueuedBytes - how much of an Observable body may wait for the gateway.
   * @param requestMethod - the answer to HEAD has no body.
   */
  constructor(
    private readonly outlet: ResponseOutlet,
    protected readonly flow: FlowState | undefined,
    protected readonly maxQueuedBytes: number,
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

  /** Whether nothing is missing, though the source of the body may not have completed. */
  get isWhole(): boolean {
    return this.sent && this.writer.isWhole && !this.stream?.insideChunk;
  }

  send(response: ScgiResponse): void {
    try {
      const body = checkedResponse(response).body ?? '';
      if (!isChunk(body)) {
        this.sendStream(response, checkedStream(body), undefined);
        return;
      }
      const data = isShortAscii(body) ? body : bytesOf(body);
      if (data.length <= COALESCED_BYTES) this.sendWhole(response, data);
      else this.sendStream(response, [data], data.length);
    } catch (fault) {
      // The body has not begun, and will not.
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
    const head = this.writeHead(response, body.length);
    const data = this.writer.writeBody(body) ?? '';
    this.writer.end();
    this.emitHead(head, data);
    this.ended();
  }

  private sendStream(response: ScgiResponse, body: Streaming, bodyLength: number | undefined): void {
    const { writer } = this;
    const head = this.writeHead(response, bodyLength);
    if (writer.bodyPolicy === 'sent') {
      this.stream = this.makeStream(head);
      this.stream.start(body);
      return;
    }
    if (writer.bodyPolicy === 'forbidden') throw redirectWithMore();
    discardBody(body);
    writer.end();
    this.emitHead(head, '');
    this.ended();
  }

  protected makeStream(head: string): ResponseStream {
    return new ResponseStream(this, this.writer, head, this.flow, this.maxQueuedBytes);
  }

  protected writeHead(response: ScgiResponse, bodyLength: number | undefined): string {
    return this.writer.writeHead(response, {
      requestMethod: this.requestMethod,
      bodyLength,
      // Passed on as it is, it has the fields of the connection that it came by.
      dropHopByHop: isFetchResponse(response),
      asHttp: goesOutAsHttp(response),
    });
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

  bodyFinalizerThrew(fault: unknown, left: boolean): void {
    this.outlet.bodyFinalizerThrew(fault, left);
  }
}
