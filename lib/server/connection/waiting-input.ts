/** Reads a connection that waits for its turn: a little, so that a gateway that leaves is noticed. */
import { ScgiLimitError } from '../../core/errors/errors.js';
import type { MetaVariables } from '../../core/headers/meta-variables.js';
import { RequestParser } from '../../core/request/request-parser.js';
import type { HandleSettings } from '../../operators/engine-options.js';
import { IdleTimer, type Timekeeper } from '../../operators/exchange/idle-timer.js';
import type { Target } from '../../operators/flow/forwarding-subscriber.js';
import type { ConnectionState } from './connection-state.js';

/** With so much held, reading pauses. A usual request fits, so that its gateway's FIN is received behind it. */
const FULL_BYTES = 16_384;

/** A cause of `inputPaused` beside those of the engine. */
export const HELD_WHILE_WAITING = 1 << 8;

/** Holds the beginning of a request in one buffer, however small its chunks are, and times out when the head does not come. */
export class WaitingInput implements Target<Uint8Array> {
  private length = 0;
  private buffer = new Uint8Array(0);
  private readonly timer: IdleTimer;

  /** @param timedOut - is called when the head has not come within `headersTimeoutMs`. */
  constructor(
    private readonly state: ConnectionState,
    private readonly settings: HandleSettings,
    keeper: Timekeeper,
    timedOut: (error: ScgiLimitError) => void,
  ) {
    const ms = settings.headersTimeoutMs;
    this.timer = new IdleTimer(keeper, ms, () => {
      if (this.readHead() !== 'incomplete') return;
      const message = `no complete head came within headersTimeoutMs, ${ms} ms`;
      timedOut(new ScgiLimitError('ERR_SCGI_HEADERS_TIMEOUT', message, ms, ms));
    });
  }

  get empty(): boolean {
    return this.length === 0;
  }

  /** What was received so far. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  start(): void {
    this.timer.start();
    this.state.read(this);
  }

  /** Leaves the input to another reader. */
  stop(): void {
    this.timer.stop();
    this.state.hold(HELD_WHILE_WAITING, false);
    this.state.stopReading();
  }

  /** Reads the head of the request, unless it is incomplete or faulty. */
  readHead(): MetaVariables | 'incomplete' | 'faulty' {
    let head: MetaVariables | 'incomplete' = 'incomplete';
    const parser = new RequestParser(this.settings.limits, {
      requestHeaders(variables) {
        head = variables;
        parser.stop();
      },
      requestBody: () => undefined,
      requestEnd: () => undefined,
    });
    try {
      parser.push(this.bytes);
    } catch {
      return 'faulty';
    }
    return head;
  }

  // ---- the connection's notifications

  next(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (this.length === 0) {
      this.buffer = chunk as Uint8Array<ArrayBuffer>;
    } else {
      if (length > this.buffer.length) this.grow(Math.max(length, 2 * this.length));
      this.buffer.set(chunk, this.length);
    }
    this.length = length;
    if (length >= FULL_BYTES) this.state.hold(HELD_WHILE_WAITING, true);
  }

  // The end is observed by the Connection itself.

  error(): void {}

  complete(): void {}

  private grow(size: number): void {
    const larger = new Uint8Array(size);
    larger.set(this.bytes);
    this.buffer = larger;
  }
}
