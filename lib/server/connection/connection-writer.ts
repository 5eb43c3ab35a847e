/**
 * Writes the response of a connection: chunks, then FIN, then a bounded drain of the input.
 *
 *     writing ──the source completes──▶ flushing ──all is out──▶ lingering ──the gateway's FIN, or a bound──▶ closed
 *        └── an error, or unsubscribed ──▶ reset
 *
 * Closing a socket with unread input makes the system send RST, and the gateway loses the response. So the input is drained first.
 */
import { ScgiLimitError, ScgiUsageError } from '../../core/errors/errors.js';
import { isBytes } from '../../core/text/latin1.js';
import { quotedChunk } from '../../core/text/quoted.js';
import { IdleTimer, type Timekeeper } from '../../operators/exchange/idle-timer.js';
import type { Target } from '../../operators/flow/forwarding-subscriber.js';
import type { TextSink } from '../../operators/response/response-outlet.js';
import type { ConnectionState, WritingSide } from './connection-state.js';
import type { WriteSettings } from '../write-options.js';

/** How often the progress of a slow write is checked within `sendTimeoutMs`. */
const LOOKS = 5;

/** Learns how the connection ended: `error` or `complete`, once, after `stopSource`. */
export interface WriterOwner {
  /** Nothing more is taken: the source is to stop. */
  stopSource(): void;
  /** The system has taken all of the response: what goes wrong after that is no failure. */
  flushed?(): void;
  error(error: unknown): void;
  complete(): void;
}

export class ConnectionWriter implements Target<Uint8Array>, WritingSide, TextSink {
  private closed = false;
  private sourceCompleted = false;
  private flushed = false;
  private settled = false;
  /** Bytes written to the transport. */
  bytesOut = 0;
  /** Input bytes beyond this count are surplus: more than the request announced, or than was there at the response's end. */
  private expectedBytesIn = 0;
  /** Whether the system has yet to take something before more is written. */
  private awaiting = false;
  private sendTimer: IdleTimer | undefined;
  private lingerTimer: IdleTimer | undefined;
  private progress = 0;
  private looksWithoutProgress = 0;

  constructor(
    private readonly state: ConnectionState,
    private readonly settings: WriteSettings,
    private readonly keeper: Timekeeper,
    private readonly owner: WriterOwner,
  ) {}

  start(): void {
    if (this.state.over) this.connectionClosed();
    else this.state.writeBy(this);
  }

  /** Sets how many more bytes of input a request has announced. */
  expectInput(bytes: number): void {
    this.expectedBytesIn = this.state.bytesIn + bytes;
  }

  /** Whether the source has completed: the response is out, or on its way. */
  get completed(): boolean {
    return this.sourceCompleted;
  }

  /** Whether the system has taken all that was written. */
  get allTaken(): boolean {
    return !this.awaiting;
  }

  // ---- the source's notifications

  next(chunk: Uint8Array): void {
    if (isBytes(chunk)) this.write(chunk);
    // Such as a response that nothing has encoded: without this, it would go out as nothing, with a clean end.
    else this.error(wrongChunk(chunk));
  }

  /** Node.js writes short text without a buffer; filling one costs more for a small response: see BENCHMARKS.md. */
  nextText(text: string): void {
    this.write(text);
  }

  private write(data: Uint8Array | string): void {
    const { state } = this;
    if (this.closed || this.sourceCompleted || state.over) return;
    this.bytesOut += data.length;
    if (state.transport.write(data) || this.awaiting) return;
    this.awaitProgress();
    state.countOutput(1, 'transport');
  }

  complete(): void {
    if (this.closed || this.sourceCompleted) return;
    const { state } = this;
    this.sourceCompleted = true;
    const { request } = state;
    // Where nobody has said before what a request announces, the decoder knows.
    this.expectedBytesIn = Math.max(this.expectedBytesIn, state.bytesIn + (request?.contentLength ?? 0));
    if (state.over) return;
    state.transport.end(state.requestOver);
    if (!this.awaiting) this.flush();
  }

  error(error: unknown): void {
    if (!this.closed && !this.sourceCompleted) this.settle(error);
  }

  // ---- the connection's

  inputDropped(): void {
    const { bytesIn, transport } = this.state;
    if (this.sourceCompleted && bytesIn - this.expectedBytesIn > this.settings.lingerBytes)
      transport.destroy();
    else this.lingerTimer?.touch();
  }

  outputDrained(): void {
    if (!this.awaiting) return;
    this.awaiting = false;
    this.sendTimer?.stop();
    if (this.sourceCompleted) this.flush();
    else this.state.countOutput(-1, 'transport');
  }

  /** The gateway has left, though the connection is still open. */
  gatewayLeft(): void {
    this.settle(this.state.gone());
  }

  connectionClosed(): void {
    if (this.settled) return;
    if (!this.sourceCompleted || !this.flushed) {
      this.settle(this.state.gone());
      return;
    }
    this.settled = true;
    this.unsubscribe();
    this.owner.complete();
  }

  // ---- finalization

  /** Before the connection is closed, this gives the response up: the gateway must not take it for complete. */
  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      this.owner.stopSource();
    } finally {
      // Also when a finalizer of the application's has thrown.
      this.lingerTimer?.stop();
      this.sendTimer?.stop();
      this.settled = true;
      // A reset would lose what the gateway has yet to read.
      if (this.flushed) this.state.transport.destroy();
      else this.state.transport.abort();
    }
  }

  private flush(): void {
    if (this.settled) return;
    this.flushed = true;
    this.owner.flushed?.();
    // The owner may have closed the connection.
    if (!this.closed) this.linger();
  }

  private linger(): void {
    const { inputEnded, isClosing, transport } = this.state;
    // With the gateway's FIN received as well, the connection closes by itself.
    if (inputEnded || isClosing || this.settings.lingerMs === Infinity) return;
    this.lingerTimer = new IdleTimer(this.keeper, this.settings.lingerMs, () => transport.destroy());
    this.lingerTimer.start();
  }

  private awaitProgress(): void {
    this.awaiting = true;
    this.looksWithoutProgress = 0;
    this.progress = this.measureProgress();
    this.sendTimer ??= new IdleTimer(this.keeper, this.settings.sendTimeoutMs / LOOKS, () =>
      this.lookForProgress(),
    );
    this.sendTimer.start();
  }

  private lookForProgress(): void {
    const progress = this.measureProgress();
    if (progress !== this.progress) {
      this.progress = progress;
      this.looksWithoutProgress = 0;
    } else if (++this.looksWithoutProgress === LOOKS) {
      this.settle(this.sendTimeout());
      return;
    }
    this.sendTimer?.start();
  }

  /** Counts what the system has taken, and what came of the request: Apache reads nothing before it has sent all of that. */
  private measureProgress(): number {
    const { bytesIn, transport } = this.state;
    return transport.bytesTaken + Math.min(bytesIn, this.expectedBytesIn);
  }

  private sendTimeout(): ScgiLimitError {
    const { sendTimeoutMs } = this.settings;
    const waiting = this.bytesOut - this.state.transport.bytesTaken;
    const message = `sending made no progress for sendTimeoutMs, ${sendTimeoutMs} ms: ${waiting} bytes of the response wait`;
    return new ScgiLimitError('ERR_SCGI_SEND_TIMEOUT', message, sendTimeoutMs, sendTimeoutMs);
  }

  private settle(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.state.incoming?.endsBy(error);
    try {
      this.unsubscribe();
    } finally {
      this.owner.error(error);
    }
  }
}

function wrongChunk(chunk: unknown): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_BODY_TYPE',
    `a connection takes chunks that are Uint8Arrays, not ${quotedChunk(chunk)}; put encodeScgi() in front of it`,
  );
}
