/** Sends a body that is still to come, as fast as the output takes it. */
import { from, type ObservableInput, type Subscription } from 'rxjs';
import { ScgiLimitError } from '../../core/errors.js';
import type { ResponseWriter } from '../../core/response/response-writer.js';
import { bytesOf } from './body-chunk.js';
import { ChunkQueue } from './chunk-queue.js';
import { EarlySubscriber } from '../early-subscriber.js';
import { HELD_BY_RESPONSE, type FlowState } from '../flow.js';
import type { Target } from '../forwarding-subscriber.js';
import type { ResponseOutlet } from './response-outlet.js';
import { pulledSource, type PulledSource } from './response-source.js';
import type { BodyChunk } from '../types.js';

/** A body at hand, or the first chunk of one, goes out with its head up to this size; beyond, copying costs more than a write. */
export const COALESCED_BYTES = 16_384;

/** Larger chunks go out in slices, so that a slow gateway's progress shows. */
const SLICE_BYTES = 262_144;

export class ResponseStream implements Target<BodyChunk> {
  private source: PulledSource | undefined;
  /** What is left of a large chunk; not in the queue, whose bound is for how many chunks wait, not for how large one is. */
  private rest: Uint8Array | undefined;
  private waiting = false;
  private pulling = false;
  private queue: ChunkQueue | undefined;
  private sourceEnded = false;
  private closed = false;
  private bodySubscription: Subscription | undefined;
  private flowSubscription: Subscription | undefined;

  /**
   * @param head - waits for the first chunk of the body, which shows whether both fit one write.
   * @param maxQueuedBytes - how much of an Observable body may wait for the gateway.
   */
  constructor(
    private readonly outlet: ResponseOutlet,
    private readonly writer: ResponseWriter,
    private head: string | undefined,
    private readonly flow: FlowState | undefined,
    private readonly maxQueuedBytes: number,
  ) {}

  start(body: ObservableInput<BodyChunk>): void {
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
      const data = bytesOf(chunk);
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
    if (this.closed) return;
    this.unsubscribe();
    this.outlet.ended();
  }

  // ---- in

  private subscribeTo(body: ObservableInput<BodyChunk>): void {
    const subscriber = new EarlySubscriber<BodyChunk>(this);
    this.bodySubscription = subscriber;
    from(body).subscribe(subscriber);
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

  // ---- the brake

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
    const { head } = this;
    if (head !== undefined && data.length <= COALESCED_BYTES) {
      this.head = undefined;
      this.outlet.emitHead(head, data);
    } else {
      this.flushHead();
      this.emitSlice(data);
    }
  }

  private emitSlice(data: Uint8Array): void {
    if (data.length <= SLICE_BYTES) {
      this.rest = undefined;
      this.outlet.emit(data);
    } else {
      this.rest = data.subarray(SLICE_BYTES);
      this.outlet.emit(data.subarray(0, SLICE_BYTES));
    }
  }

  private flushHead(): void {
    const { head } = this;
    this.head = undefined;
    if (head !== undefined) this.outlet.emitHead(head, '');
  }
}
