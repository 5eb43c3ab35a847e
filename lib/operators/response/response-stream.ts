/** Sends a body that is still to come, as fast as the output takes it. */
import type { Subscription, Unsubscribable } from 'rxjs';
import { ScgiLimitError } from '../../core/errors/errors.js';
import type { ResponseWriter } from '../../core/response/response-writer.js';
import { bytesOf, type Streaming } from './body-chunk.js';
import { ChunkQueue } from '../flow/chunk-queue.js';
import { ENDS_WHEN_DRAINING, HEARTBEAT } from './event-stream.js';
import { HELD_BY_RESPONSE, type FlowState, type OutputWatcher } from '../flow/flow.js';
import { ForwardingSubscriber, type Target } from '../flow/forwarding-subscriber.js';
import type { ResponseOutlet } from './response-outlet.js';
import { leave, pulledSource, type PulledSource } from './response-source.js';
import { subscribeToInput } from './settle.js';
import { SlicedOutput } from './sliced-output.js';
import type { BodyChunk } from '../types.js';

/** Up to this size, copying a chunk costs less than a write does: it goes out with the head, or in a buffer of its own. */
export const COALESCED_BYTES = 16_384;

/**
 * What goes out of a pulled body in one turn of the event loop, each chunk counted as this many bytes more than it has.
 * That is some milliseconds of work; then other connections have their turn. Bytes, not time: it must be the same in
 * virtual time.
 */
const TURN_BYTES = 2_097_152;
const CHUNK_COST_BYTES = 1024;

export class ResponseStream implements Target<BodyChunk>, OutputWatcher {
  private source: PulledSource | undefined;
  /** A large chunk is not in the queue: `maxQueuedBytes` bounds what waits behind a chunk, not its size. */
  private readonly slices: SlicedOutput;
  private turnBytes = TURN_BYTES;
  private nextTurn: Unsubscribable | undefined;
  private waiting = false;
  private pulling = false;
  private queue: ChunkQueue | undefined;
  protected sourceEnded = false;
  protected closed = false;
  private bodySubscription: Subscription | undefined;
  private drainSubscription: Subscription | undefined;

  /**
   * @param head - waits for the first chunk of the body, which shows whether both fit one write.
   * @param maxQueuedBytes - how much of an Observable body may wait for the other side.
   * @param overflow - makes the error for more than that.
   */
  constructor(
    private readonly outlet: ResponseOutlet,
    private readonly writer: Pick<ResponseWriter, 'writeBody' | 'end'>,
    private head: string | undefined,
    private readonly flow: FlowState | undefined,
    private readonly maxQueuedBytes: number,
    private readonly overflow = responseOverflow,
  ) {
    this.slices = new SlicedOutput(outlet);
  }

  /** Whether some of a chunk that the writer has counted has not gone out. */
  get insideChunk(): boolean {
    return this.slices.insideChunk;
  }

  start(body: Streaming): void {
    this.source = pulledSource(body, this);
    if (this.source) {
      this.pull();
    } else {
      const subscriber = new ForwardingSubscriber<BodyChunk>(this, 'before');
      this.bodySubscription = subscriber;
      subscribeToInput(body, subscriber);
    }
    this.flushHead();
    if (this.closed) return;
    this.outlet.started();
    const { flow } = this;
    if (!flow) return;
    flow.watchOutput(this);
    this.resume();
    if (ENDS_WHEN_DRAINING in body) this.endWhenDraining(flow);
  }

  /** Sends no more, and frees the body. */
  unsubscribe(): void {
    if (!this.closed) this.tell(this.close());
  }

  /** @returns what a finalizer of the application's has thrown: the response is over all the same. */
  private close(): unknown {
    this.closed = true;
    this.flow?.unwatchOutput(this);
    this.drainSubscription?.unsubscribe();
    this.nextTurn?.unsubscribe();
    this.queue?.clear();
    this.slices.clear();
    const thrown = leave(this.bodySubscription);
    this.source?.close();
    this.flow?.hold(HELD_BY_RESPONSE, false);
    return thrown;
  }

  private tell(thrown: unknown): void {
    if (thrown !== undefined) this.outlet.bodyFinalizerThrew(thrown, true);
  }

  // ---- the body's notifications, pulled or pushed

  next(chunk: BodyChunk): void {
    if (this.closed || this.sourceEnded) return;
    this.waiting = false;
    try {
      const data = bytesOf(chunk);
      if (this.source) {
        this.turnBytes -= data.length + CHUNK_COST_BYTES;
        this.emitBody(data, this.source.reusesBuffers && data === chunk);
        this.pull();
      } else if (this.paused || this.backlogged) {
        if (data !== HEARTBEAT) this.enqueue(data === chunk ? copyOf(data) : data);
      } else {
        this.emitBody(data, data === chunk);
        this.flushQueue();
      }
    } catch (fault) {
      this.error(fault);
    }
  }

  error(error: unknown): void {
    if (this.closed) return;
    const thrown = this.close();
    this.outlet.fail(error);
    this.tell(thrown);
  }

  complete(): void {
    if (this.closed) return;
    this.sourceEnded = true;
    if (this.backlogged) return;
    try {
      this.slices.verify();
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

  finalizerThrew(fault: unknown): void {
    this.complete();
    this.outlet.bodyFinalizerThrew(fault, false);
  }

  /** The body ends as if it were complete: its client asks again, and gets another server. */
  private endWhenDraining({ draining }: FlowState): void {
    if (this.closed) return;
    const subscription = draining.subscribe(() => {
      const { source, bodySubscription } = this;
      this.source = undefined;
      source?.close();
      const thrown = leave(bodySubscription);
      this.complete();
      this.tell(thrown);
    });
    // It may have begun already.
    if (this.closed) subscription.unsubscribe();
    else this.drainSubscription = subscription;
  }

  // ---- in

  /** Asks for chunks while the output takes them: a loop, because a synchronous source answers inside `pull`. */
  private pull(): void {
    if (this.pulling) return;
    this.pulling = true;
    try {
      while (this.source && !this.closed && !this.waiting && !this.paused) {
        // Without a flow there is no connection, and so nobody to share the event loop with.
        if (this.turnBytes <= 0 && this.flow) {
          this.goOnInNextTurn(this.flow);
          break;
        }
        this.slices.verify();
        if (this.slices.waiting) {
          this.slices.emitRest();
        } else {
          this.waiting = true;
          this.source.pull();
        }
      }
    } catch (fault) {
      this.error(fault);
    } finally {
      this.pulling = false;
    }
  }

  /** No more may go out in this turn of the event loop. */
  private goOnInNextTurn(flow: FlowState): void {
    this.nextTurn ??= flow.nextTurn(() => {
      this.nextTurn = undefined;
      this.turnBytes = TURN_BYTES;
      this.pull();
    });
  }

  private enqueue(data: Uint8Array): void {
    const { flow, maxQueuedBytes } = this;
    this.queue ??= new ChunkQueue();
    this.queue.push(data);
    const { bytes } = this.queue;
    if (bytes > maxQueuedBytes) throw this.overflow(bytes, maxQueuedBytes);
    if (bytes * 2 >= maxQueuedBytes && this.outlet.bodyTaken) flow?.hold(HELD_BY_RESPONSE, true);
  }

  // ---- the brake

  private get paused(): boolean {
    return this.flow?.outputHeld ?? false;
  }

  /** Whether something waits, behind which what comes has to wait as well. */
  private get backlogged(): boolean {
    return this.slices.waiting || !(this.queue?.empty ?? true);
  }

  outputHeldChanged(): void {
    this.resume();
  }

  private resume(): void {
    if (this.source) this.pull();
    else this.flushQueue();
  }

  private flushQueue(): void {
    if (!this.backlogged) return;
    try {
      while (this.backlogged && !this.paused) {
        this.slices.verify();
        if (this.slices.waiting) this.slices.emitRest();
        // Queued chunks are copies.
        else this.emitBody(this.queue?.shift() as Uint8Array, false);
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

  /** @param foreign - whether the application may change the chunk while it goes out. */
  private emitBody(chunk: Uint8Array, foreign: boolean): void {
    const data = this.writer.writeBody(chunk);
    if (data === undefined || data.length === 0) return;
    const { head } = this;
    const isSmall = data.length <= COALESCED_BYTES;
    if (head !== undefined && isSmall) {
      this.head = undefined;
      this.outlet.emitHead(head, data);
    } else {
      this.flushHead();
      this.slices.emit(foreign && isSmall ? copyOf(data) : data);
    }
  }

  private flushHead(): void {
    const { head } = this;
    this.head = undefined;
    if (head !== undefined) this.outlet.emitHead(head, '');
  }
}

function responseOverflow(bytes: number, limit: number): ScgiLimitError {
  return new ScgiLimitError(
    'ERR_SCGI_RESPONSE_OVERFLOW',
    `${bytes} bytes of an Observable body wait for the gateway, more than maxQueuedBytes, ${limit}; ` +
      'give an iterable, which is pulled, or throttle the source by request.flow.outputPaused',
    limit,
    bytes,
  );
}

function copyOf(bytes: Uint8Array): Uint8Array {
  // Not `slice`, which in a Buffer does not copy.
  return new Uint8Array(bytes);
}
