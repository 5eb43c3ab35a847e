/**
 * Connects the decoder, which receives a body, with the body's one reader.
 *
 *     untaken ──subscribe──▶ pushing ──┐
 *        ├──────pull───────▶ pulling ──┼── unsubscribe ──▶ dropped
 *        └── the response ends, or goes on while more comes than is held ──▶ dropped
 *
 * Chunks are held until the body is taken, and while a puller is busy. At `bodyHighWaterMark` bytes the input is paused.
 */
import { ScgiLimitError, ScgiProtocolError, ScgiUsageError } from '../../core/errors/errors.js';
import { ChunkQueue } from '../flow/chunk-queue.js';
import { HELD_BY_BODY, HELD_BY_RESPONSE, type FlowState } from '../flow/flow.js';

/** The reader of a body: the methods of an observer. */
export interface BodyTaker {
  next(data: Uint8Array): void;
  /** @param aside - whether the application reads without waiting for the result: a Promise must not be rejected then. */
  error(error: unknown, aside: boolean): void;
  complete(): void;
}

/** How a body is taken: `subscribe` is pushed to, the others pull. */
export type BodyReader = 'subscribe' | 'pullMap' | 'for await' | 'response';

/** Bounds of a body in bytes. */
export interface BodyLimits {
  readonly bodyHighWaterMark: number;
  readonly maxQueuedBytes: number;
}

/** The owner of a channel. */
export interface BodyOwner {
  /** Why nobody can read an untaken body any more, and what to do; by default, of a request. */
  readonly whyDropped?: string;
  /** The reader has left, or has received the end. */
  bodyLeft?(): void;
}

type State = 'untaken' | 'pushing' | 'pulling' | 'dropped';

export class BodyChannel {
  private state: State = 'untaken';
  private readonly queue = new ChunkQueue();
  private taker: BodyTaker | undefined;
  /** How many chunks a puller has asked for and not received. */
  private demand = 0;
  private delivering = false;
  private ended = false;
  protected emptyBody = false;
  protected everTaken = false;
  private failure: { readonly error: unknown; readonly aside: boolean } | undefined;
  private responseStarted = false;
  private abandonedAside = false;

  constructor(
    private readonly limits: BodyLimits,
    readonly flow: FlowState | undefined,
    private readonly owner?: BodyOwner,
  ) {}

  /** Whether the body has a reader that has not received its end. */
  get taken(): boolean {
    return this.taker !== undefined;
  }

  /** Whether nobody has asked for the body yet. */
  get untaken(): boolean {
    return this.state === 'untaken';
  }

  /** Whether the reader pulls: an iterator, `pullMap`, a response. */
  get pulled(): boolean {
    return this.state === 'pulling';
  }

  /** Whether the reader has done with all that has come: one that pulls has asked for more. */
  get consumed(): boolean {
    if (!this.queue.empty) return false;
    return this.state === 'pulling' ? this.demand > 0 : this.state !== 'untaken';
  }

  /** Whether this is the error by which the body broke off. */
  failedWith(error: unknown): boolean {
    return this.failure?.error === error;
  }

  /** Whether the body went untaken, and its exchange is over: a reader that comes now reads aside, and too late. */
  get missed(): boolean {
    return this.abandonedAside && !this.everTaken;
  }

  /** Whether somebody waits for more of the body, or may do so yet: before the response, a handler can still take it. */
  get awaited(): boolean {
    return this.taken || (this.untaken && !this.responseStarted);
  }

  // ---- the decoder's side

  /** @throws ScgiLimitError ERR_SCGI_BODY_OVERFLOW above `maxQueuedBytes`, if no flow pauses the source, or the source goes on. */
  write(data: Uint8Array): void {
    if (this.state === 'dropped') return;
    // A chunk that arrives inside a delivery comes after what is being delivered.
    if (this.state === 'pushing' && this.queue.empty && !this.delivering) {
      (this.taker as BodyTaker).next(data);
      return;
    }
    // A chunk that was sent before we paused may exceed the limit, however small the limit is.
    const obeyed = this.flow?.inputHeld === false;
    this.queue.push(data);
    this.deliver();
    const { bytes } = this.queue;
    const { maxQueuedBytes } = this.limits;
    if (bytes > maxQueuedBytes && !obeyed) {
      throw new ScgiLimitError(
        'ERR_SCGI_BODY_OVERFLOW',
        `${bytes} bytes of the body wait to be taken, more than maxQueuedBytes, ${maxQueuedBytes}; ` +
          'subscribe sooner, or give a flow that brakes the source',
        maxQueuedBytes,
        bytes,
      );
    }
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.deliver();
  }

  /** Ends a body of length 0. It can be taken however late: there is nothing to drop. */
  endEmpty(): void {
    this.ended = this.emptyBody = true;
  }

  /** The body breaks off. What was held before is still delivered. */
  fail(error: unknown, aside = false): void {
    if (this.ended) return;
    this.failure = { error, aside };
    this.end();
  }

  /** The exchange is over before the body. A reader outside of what was cancelled must not wait forever. */
  abandon(offset: number, aside = false): void {
    this.abandonedAside = aside;
    if (this.ended) return;
    // An error costs a stack trace: it is made only for a reader.
    if (this.taker) {
      const message = 'the exchange was over before the end of its body';
      this.fail(new ScgiProtocolError('ERR_SCGI_GATEWAY_GONE', message, offset), aside);
    } else this.drop();
  }

  /** The response's head is out: from now on, what nobody takes is dropped and no longer pauses the input. */
  start(): void {
    this.responseStarted = true;
    this.brake();
  }

  /** Nobody wants the rest. */
  drop(): void {
    this.state = 'dropped';
    this.queue.clear();
    // Releasing the input may make the source push at once: a reader that wants no more leaves first.
    this.leave();
    // A response that waits for its gateway no longer comes from this body: holding the input would deadlock.
    this.flow?.hold(HELD_BY_RESPONSE, false);
    this.brake();
  }

  // ---- the taker's side

  /** Delivers what is held, and the rest as it comes. @returns the error if the body has been taken or dropped. */
  subscribe(taker: BodyTaker): ScgiUsageError | undefined {
    return this.take('pushing', taker, 'subscribe');
  }

  /** Like `subscribe`, but delivers one chunk for each call of `pull`. */
  subscribePulling(taker: BodyTaker, reader: BodyReader): ScgiUsageError | undefined {
    return this.take('pulling', taker, reader);
  }

  /** Asks for one more chunk. */
  pull(): void {
    this.demand++;
    if (this.emptyBody) this.finish();
    else this.deliver();
  }

  /** @param _reader - for those who watch. */
  protected take(
    state: 'pushing' | 'pulling',
    taker: BodyTaker,
    _reader: BodyReader,
  ): ScgiUsageError | undefined {
    if (this.emptyBody && !this.everTaken) {
      this.everTaken = true;
      // A puller gets the end when it pulls.
      if (state === 'pushing') taker.complete();
      else this.taker = taker;
      return undefined;
    }
    if (this.state !== 'untaken' || this.everTaken)
      return new ScgiUsageError('ERR_SCGI_BODY_USED', this.whyUsed());
    this.state = state;
    this.everTaken = true;
    this.taker = taker;
    this.deliver();
    return undefined;
  }

  private whyUsed(): string {
    if (this.everTaken)
      return 'a body can be subscribed to once; to read it twice, split it with connect(), or collect it first';
    return (
      this.owner?.whyDropped ??
      'the body was dropped before anybody subscribed to it: the exchange was over, or the response had begun and more came ' +
        'than is held; subscribe before you answer'
    );
  }

  private deliver(): void {
    // A reader may pull, and the source may push, from inside a delivery: the loop below handles both.
    if (this.delivering) {
      this.brake();
      return;
    }
    this.delivering = true;
    while (!this.queue.empty && (this.state === 'pushing' || (this.state === 'pulling' && this.demand > 0))) {
      const data = this.queue.shift() as Uint8Array;
      if (this.state === 'pulling') this.demand--;
      this.brake();
      this.taker?.next(data);
    }
    this.delivering = false;
    this.brake();
    if (this.ended && this.queue.empty) this.finish();
  }

  /** A subscriber receives the end at once, a puller when it asks for more. */
  private finish(): void {
    const { taker } = this;
    if (taker === undefined || (this.state === 'pulling' && this.demand === 0 && !this.failure)) return;
    this.leave();
    if (this.failure) taker.error(this.failure.error, this.failure.aside);
    else taker.complete();
  }

  private leave(): void {
    if (this.taker === undefined) return;
    this.taker = undefined;
    this.owner?.bodyLeft?.();
  }

  private brake(): void {
    const { bodyHighWaterMark, maxQueuedBytes } = this.limits;
    const full = !this.ended && this.queue.bytes >= Math.min(bodyHighWaterMark, maxQueuedBytes);
    // A gateway that sends everything before it reads would wait forever: see decision 10.
    if (full && this.responseStarted && this.state === 'untaken') this.drop();
    else this.flow?.hold(HELD_BY_BODY, full);
  }
}
