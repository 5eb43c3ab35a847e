/**
 * What lies between the decoder, which receives a body, and whoever takes it.
 *
 *     untaken ──subscribe──▶ pushing ──┐
 *        ├──────pull───────▶ pulling ──┼── unsubscribe ──▶ dropped
 *        └── the response ends, or goes on while more comes than is held ──▶ dropped
 *
 * Until it is taken, and while a puller is busy, chunks are held; at `highWaterMark` bytes the brake goes on.
 */
import { ScgiLimitError, ScgiProtocolError, ScgiUsageError } from '../../core/errors.js';
import { ChunkQueue } from '../response/chunk-queue.js';
import { HELD_BY_BODY, HELD_BY_RESPONSE, type FlowState } from '../flow.js';

/** Who takes a body; the methods of an observer. */
export interface BodyTaker {
  next(data: Uint8Array): void;
  /** @param aside - whether the application reads without waiting for the result: a Promise must not be rejected then. */
  error(error: unknown, aside: boolean): void;
  complete(): void;
}

/** Bounds of a body in bytes. */
export interface BodyLimits {
  readonly bodyHighWaterMark: number;
  readonly maxQueuedBytes: number;
}

type State = 'untaken' | 'pushing' | 'pulling' | 'dropped';

export class BodyChannel {
  private state: State = 'untaken';
  private readonly queue = new ChunkQueue();
  private taker: BodyTaker | undefined;
  /** Chunks that a puller has asked for and not got. */
  private demand = 0;
  private delivering = false;
  private ended = false;
  private emptyBody = false;
  private everTaken = false;
  private failure: { readonly error: unknown; readonly aside: boolean } | undefined;
  private responseStarted = false;

  /** @param whenLeft - called once the taker has gone, or has had the end. */
  constructor(
    private readonly limits: BodyLimits,
    readonly flow: FlowState | undefined,
    private readonly whenLeft: () => void = () => undefined,
  ) {}

  /** Whether somebody is taking the body and has not had its end. */
  get taken(): boolean {
    return this.taker !== undefined;
  }

  /** Whether nobody has asked for the body so far. */
  get untaken(): boolean {
    return this.state === 'untaken';
  }

  /** Whether an iterator reads the body. */
  get pulled(): boolean {
    return this.state === 'pulling';
  }

  /** Whether this is the error by which the body broke off. */
  failedWith(error: unknown): boolean {
    return this.failure?.error === error;
  }

  /** Whether somebody waits for more of it, or may yet: before the response, a handler can still take it. */
  get awaited(): boolean {
    return this.taken || (this.untaken && !this.responseStarted);
  }

  // ---- the decoder's side

  /** @throws ScgiLimitError ERR_SCGI_BODY_OVERFLOW beyond `maxQueuedBytes`, where no brake is, or none is obeyed. */
  write(data: Uint8Array): void {
    if (this.state === 'dropped') return;
    // Inside a delivery, what the brake has just let in comes behind what is being delivered.
    if (this.state === 'pushing' && this.queue.empty && !this.delivering) {
      (this.taker as BodyTaker).next(data);
      return;
    }
    // The chunk before which the brake was off comes by right, however small the limit is: the next one will not.
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

  /** The end of a body of length 0, which is there to be taken however late, as nothing of it can be dropped. */
  endEmpty(): void {
    this.ended = this.emptyBody = true;
  }

  /** The body breaks off. What was held before is still delivered. */
  fail(error: unknown, aside = false): void {
    if (this.ended) return;
    this.failure = { error, aside };
    this.end();
  }

  /** The exchange is over before the body. A reader outside of what was cancelled must not wait for ever. */
  abandon(offset: number, aside = false): void {
    if (this.ended) return;
    // An error costs a stack trace: it is made only for a reader.
    if (this.taker) {
      const message = 'the exchange was over before the end of its body';
      this.fail(new ScgiProtocolError('ERR_SCGI_GATEWAY_GONE', message, offset), aside);
    } else this.drop();
  }

  /** The response's head is out: from here on, what nobody takes is dropped rather than braked. */
  start(): void {
    this.responseStarted = true;
    this.brake();
  }

  /** Nobody will want the rest. */
  drop(): void {
    this.state = 'dropped';
    this.queue.clear();
    // The source may answer the brake at once: whoever wants no more of it leaves first.
    this.leave();
    // A response that waits for its gateway no longer comes from here: to hold the input would be to deadlock.
    this.flow?.hold(HELD_BY_RESPONSE, false);
    this.brake();
  }

  // ---- the taker's side

  /** Delivers all that is held, and the rest as it comes. @returns the error, when the body is taken already. */
  subscribe(taker: BodyTaker): ScgiUsageError | undefined {
    return this.take('pushing', taker);
  }

  /** As `subscribe`, but a chunk is delivered for each call of `pull`. */
  subscribePulling(taker: BodyTaker): ScgiUsageError | undefined {
    return this.take('pulling', taker);
  }

  /** Asks for one chunk more. */
  pull(): void {
    this.demand++;
    if (this.emptyBody) this.finish();
    else this.deliver();
  }

  private take(state: 'pushing' | 'pulling', taker: BodyTaker): ScgiUsageError | undefined {
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
    return this.everTaken
      ? 'the body of a request can be subscribed to once; to read it twice, split it with connect(), or collect it first'
      : 'the body was dropped before anybody subscribed to it: the exchange was over, or the response had begun and more came ' +
          'than is held; subscribe before you answer';
  }

  private deliver(): void {
    // A taker may pull, and a brake may let in more, from inside a delivery: the loop below sees to both.
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

  /** A puller learns of the end when it asks for more, a subscriber at once. */
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
    this.whenLeft();
  }

  private brake(): void {
    const { bodyHighWaterMark, maxQueuedBytes } = this.limits;
    const full = !this.ended && this.queue.bytes >= Math.min(bodyHighWaterMark, maxQueuedBytes);
    // A gateway that sends all before it reads would wait for ever: see docs/decisions.md.
    if (full && this.responseStarted && this.state === 'untaken') this.drop();
    else this.flow?.hold(HELD_BY_BODY, full);
  }
}
