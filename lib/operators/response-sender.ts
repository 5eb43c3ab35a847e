/** Sends one response: its head, and its body as fast as the output takes it. */
import { from, type ObservableInput, type Subscription } from 'rxjs';
import type { Allocate } from '../core/allocate.js';
import { ScgiLimitError } from '../core/errors.js';
import { redirectWithMore } from '../core/response-head.js';
import { ResponseWriter } from '../core/response-writer.js';
import { bytesOf, isStream } from './body-chunk.js';
import { checkedResponse } from './checked-response.js';
import { ChunkQueue } from './chunk-queue.js';
import { EarlySubscriber, type Target } from './early-subscriber.js';
import { HELD_BY_RESPONSE, type FlowState } from './flow.js';
import { discardBody, discardResponse, pulledSource, type PulledSource } from './response-source.js';
import type { BodyChunk, ScgiResponse } from './types.js';

/** A body at hand goes out with its head up to this size; beyond, copying costs more than a write. */
const COALESCED_BYTES = 16_384;

/** Larger chunks go out in slices, so that a slow gateway's progress shows. */
const SLICE_BYTES = 262_144;

/** Where a response goes. */
export interface ResponseOutlet {
  /** Where the memory for what is emitted comes from. */
  readonly allocate: Allocate;
  /** Whether the request's body is taken: only then does it brake the response's source to hold the input. */
  readonly bodyTaken: boolean;
  emit(bytes: Uint8Array): void;
  /** The head is out, and the body has been subscribed. */
  started(): void;
  ended(): void;
  /** Nothing more comes; `ResponseSender.headSent` says whether the gateway has seen a part. */
  fail(error: unknown): void;
}

export class ResponseSender implements Target<BodyChunk> {
  private readonly writer: ResponseWriter;
  /** The head, until the first chunk of the body shows whether both fit one write. */
  private pendingHead: Uint8Array | undefined;
  private source: PulledSource | undefined;
  /** What is left of a large chunk; not in the queue, whose bound is for how many chunks wait, not for how large one is. */
  private rest: Uint8Array | undefined;
  private waiting = false;
  private pulling = false;
  private queue: ChunkQueue | undefined;
  private sourceEnded = false;
  private closed = false;
  private sent = false;
  private bodySubscription: Subscription | undefined;
  private flowSubscription: Subscription | undefined;

  /**
   * @param maxQueuedBytes - how much of an Observable body may wait for the gateway.
   * @param requestMethod - the answer to HEAD has no body.
   */
  constructor(
    private readonly outlet: ResponseOutlet,
    private readonly flow: FlowState | undefined,
    private readonly maxQueuedBytes: number,
    private readonly requestMethod: string | undefined,
  ) {
    this.writer = new ResponseWriter(outlet.allocate);
  }

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
      const { body } = checkedResponse(response);
      if (isStream(body)) {
        this.sendStream(response, body, undefined);
        return;
      }
      const bytes = bytesOf(body === undefined ? '' : body, this.outlet.allocate);
      if (bytes.length <= COALESCED_BYTES) this.sendWhole(response, bytes);
      else this.sendStream(response, [bytes], bytes.length);
    } catch (fault) {
      // Nobody has begun it, and nobody will.
      if (!this.source && !this.bodySubscription) discardResponse(response);
      this.error(fault);
    }
  }

  /** Sends no more, and frees the body. */
  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    this.flowSubscription?.unsubscribe();
    this.bodySubscription?.unsubscribe();
    this.source?.close();
    this.queue?.clear();
    this.rest = undefined;
    this.flow?.hold(HELD_BY_RESPONSE, false);
  }

  // ---- the body's notifications, pulled or pushed

  next(chunk: BodyChunk): void {
    if (this.closed) return;
    this.waiting = false;
    try {
      const data = bytesOf(chunk, this.outlet.allocate);
      if (this.source) {
        this.emitBody(data);
        this.pull();
      } else if (this.paused || this.backlogged) {
        this.enqueue(data);
      } else {
        this.emitBody(data);
        this.flushQueue();
      }
    } catch (fault) {
      this.error(fault);
    }
  }

  error(error: unknown): void {
    if (this.closed) return;
    this.unsubscribe();
    this.outlet.fail(error);
  }

  complete(): void {
    if (this.closed) return;
    this.sourceEnded = true;
    if (this.backlogged) return;
    try {
      this.writer.end();
    } catch (fault) {
      this.error(fault);
      return;
    }
    // What has ended needs no closing.
    this.source = undefined;
    this.flushHead();
    this.finish();
  }

  // ---- a body at hand

  private sendWhole(response: ScgiResponse, body: Uint8Array): void {
    const context = { requestMethod: this.requestMethod, bodyLength: body.length };
    const bytes = this.writer.writeHead(response, context, body);
    this.writer.end();
    this.emit(bytes);
    this.finish();
  }

  // ---- a body to come

  private sendStream(
    response: ScgiResponse,
    body: ObservableInput<BodyChunk>,
    bodyLength: number | undefined,
  ): void {
    this.pendingHead = this.writer.writeHead(response, { requestMethod: this.requestMethod, bodyLength });
    if (this.writer.bodyPolicy !== 'sent') {
      if (this.writer.bodyPolicy === 'forbidden') throw redirectWithMore();
      discardBody(body);
      this.complete();
      return;
    }
    this.source = pulledSource(body, this);
    if (this.source) this.pull();
    else this.subscribeTo(body);
    this.flushHead();
    if (this.closed) return;
    this.outlet.started();
    const subscription = this.flow?.outputPaused.subscribe(() => this.resume());
    // The first notification comes at once, and may have brought the end.
    if (this.closed) subscription?.unsubscribe();
    else this.flowSubscription = subscription;
  }

  private subscribeTo(body: ObservableInput<BodyChunk>): void {
    const subscriber = new EarlySubscriber<BodyChunk>(this);
    this.bodySubscription = subscriber;
    from(body).subscribe(subscriber);
  }

  private get paused(): boolean {
    return this.flow?.outputHeld ?? false;
  }

  /** Whether something waits, behind which what comes has to wait as well. */
  private get backlogged(): boolean {
    return this.rest !== undefined || !(this.queue?.empty ?? true);
  }

  private resume(): void {
    if (this.source) this.pull();
    else this.flushQueue();
  }

  /** Asks for chunks while the output takes them: a loop, as a synchronous source answers inside `pull`. */
  private pull(): void {
    if (this.pulling) return;
    this.pulling = true;
    while (this.source && !this.closed && !this.waiting && !this.paused) {
      if (this.rest) {
        this.emitSlice(this.rest);
      } else {
        this.waiting = true;
        this.source.pull();
      }
    }
    this.pulling = false;
  }

  private enqueue(data: Uint8Array): void {
    const { flow, maxQueuedBytes } = this;
    this.queue ??= new ChunkQueue();
    this.queue.push(data);
    const { bytes } = this.queue;
    if (bytes > maxQueuedBytes) {
      throw new ScgiLimitError(
        'ERR_SCGI_RESPONSE_OVERFLOW',
        `${bytes} bytes of an Observable body wait for the gateway, more than maxQueuedBytes, ${maxQueuedBytes}; ` +
          'give an iterable, which is pulled, or throttle the source by flow.outputPaused',
        maxQueuedBytes,
        bytes,
      );
    }
    if (bytes * 2 >= maxQueuedBytes && this.outlet.bodyTaken) flow?.hold(HELD_BY_RESPONSE, true);
  }

  private flushQueue(): void {
    if (!this.backlogged) return;
    try {
      while (this.backlogged && !this.paused) {
        if (this.rest) this.emitSlice(this.rest);
        else this.emitBody(this.queue?.shift() as Uint8Array);
      }
    } catch (fault) {
      this.error(fault);
      return;
    }
    if (this.backlogged) return;
    this.flow?.hold(HELD_BY_RESPONSE, false);
    if (this.sourceEnded) this.complete();
  }

  // ---- out

  private emitBody(chunk: Uint8Array): void {
    const data = this.writer.writeBody(chunk);
    if (data === undefined || data.length === 0) return;
    const head = this.pendingHead;
    if (head && data.length <= COALESCED_BYTES) {
      const both = this.outlet.allocate(head.length + data.length);
      both.set(head);
      both.set(data, head.length);
      this.pendingHead = undefined;
      this.emit(both);
    } else {
      this.flushHead();
      this.emitSlice(data);
    }
  }

  private emitSlice(data: Uint8Array): void {
    if (data.length <= SLICE_BYTES) {
      this.rest = undefined;
      this.emit(data);
    } else {
      this.rest = data.subarray(SLICE_BYTES);
      this.emit(data.subarray(0, SLICE_BYTES));
    }
  }

  private flushHead(): void {
    const head = this.pendingHead;
    this.pendingHead = undefined;
    if (head) this.emit(head);
  }

  private emit(bytes: Uint8Array): void {
    if (this.closed) return;
    this.sent = true;
    this.outlet.emit(bytes);
  }

  private finish(): void {
    if (this.closed) return;
    this.unsubscribe();
    this.outlet.ended();
  }
}
