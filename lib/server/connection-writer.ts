/**
 * The writing side of a connection: chunks to the socket, then FIN, then a bounded drain of the input.
 *
 *     writing ──the source completes──▶ flushing ──all is out──▶ lingering ──the gateway's FIN, or a bound──▶ closed
 *        └── an error, or unsubscribed ──▶ reset
 *
 * To close a socket with unread input makes the system send RST, and the gateway loses the response: hence the drain.
 */
import { ScgiLimitError } from '../core/errors.js';
import { verifyLimit, verifyTimeout, type OptionNames } from '../core/options.js';
import type { Target } from '../operators/forwarding-subscriber.js';
import { IdleTimer, type Timekeeper } from '../operators/exchange/idle-timer.js';
import type { TextSink } from '../operators/response/response-outlet.js';
import type { SocketState, SocketWriterSide } from '../node/socket-state.js';

/** How long a gateway may take nothing, and how long, and how much of, its input is drained after the response. */
export interface WriteOptions {
  /** Milliseconds without progress while the gateway has to take more. Default 60 000. */
  readonly sendTimeoutMs?: number | undefined;
  /** Milliseconds after the response is out. Default 2 000. */
  readonly lingerMs?: number | undefined;
  /** Bytes. Default 67 108 864. */
  readonly lingerBytes?: number | undefined;
}

export interface WriteSettings {
  readonly sendTimeoutMs: number;
  readonly lingerMs: number;
  readonly lingerBytes: number;
}

export const WRITE_OPTIONS: OptionNames<WriteOptions> = {
  sendTimeoutMs: true,
  lingerMs: true,
  lingerBytes: true,
};

/** @throws RangeError naming the first option that is wrong. */
export function verifyWriteOptions(options: WriteOptions = {}): WriteSettings {
  return {
    sendTimeoutMs: verifyTimeout('sendTimeoutMs', options.sendTimeoutMs, 60_000),
    lingerMs: verifyTimeout('lingerMs', options.lingerMs, 2000),
    lingerBytes: verifyLimit('lingerBytes', options.lingerBytes, 64 * 1024 * 1024, 0),
  };
}

/** Who is told how the connection ended: `error` or `complete`, once, after `stopSource`. */
export interface WriterOwner {
  /** Nothing more is taken: the source is to stop. */
  stopSource(): void;
  /** The system has all of the response: what goes wrong after that is no failure. */
  flushed?(): void;
  error(error: unknown): void;
  complete(): void;
}

const NOTHING = new Uint8Array(0);

export class SocketWriter implements Target<Uint8Array>, SocketWriterSide, TextSink {
  private closed = false;
  private sourceCompleted = false;
  private flushed = false;
  private settled = false;
  /** Bytes given to the socket. */
  bytesOut = 0;
  private bytesInAtEnd = 0;
  /** Whether the gateway has to take more before anything else goes out. */
  private awaiting = false;
  private sendTimer: IdleTimer | undefined;
  private lingerTimer: IdleTimer | undefined;

  constructor(
    private readonly state: SocketState,
    private readonly settings: WriteSettings,
    private readonly keeper: Timekeeper,
    private readonly owner: WriterOwner,
  ) {}

  start(): void {
    if (this.state.socket.destroyed) this.socketClosed();
    else this.state.write(this);
  }

  // ---- the source's notifications

  next(chunk: Uint8Array): void {
    this.write(chunk);
  }

  /** Node.js writes short text without a buffer, which for a small response costs more than to fill it: see BENCHMARKS.md. */
  nextText(text: string): void {
    this.write(text);
  }

  private write(data: Uint8Array | string): void {
    const { socket } = this.state;
    if (this.closed || this.sourceCompleted || socket.destroyed) return;
    this.bytesOut += data.length;
    // A source that goes on while the output is paused is no progress of the gateway's.
    if (socket.write(data, 'latin1') || this.awaiting) return;
    this.awaitProgress();
    this.state.awaitDrain();
    this.state.outputPaused.next(true);
  }

  complete(): void {
    if (this.closed || this.sourceCompleted) return;
    const { socket } = this.state;
    this.sourceCompleted = true;
    this.bytesInAtEnd = this.state.bytesIn;
    if (socket.destroyed) return;
    const { writableLength } = socket;
    if (writableLength > 0) {
      // Behind all that is queued: its callback comes when the system has taken the last of it.
      socket.write(NOTHING, (error) => error ?? this.flush());
      this.awaitProgress();
    }
    socket.end();
    if (writableLength === 0) this.flush();
  }

  error(error: unknown): void {
    if (!this.closed && !this.sourceCompleted) this.settle(error);
  }

  // ---- the socket's

  inputDropped(): void {
    const { bytesIn, socket } = this.state;
    if (this.sourceCompleted && bytesIn - this.bytesInAtEnd > this.settings.lingerBytes) socket.destroy();
  }

  outputDrained(): void {
    this.awaiting = false;
    this.sendTimer?.stop();
    if (this.state.outputHeld) this.state.outputPaused.next(false);
  }

  socketClosed(): void {
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

  /** Before the connection is closed, this is to give the response up: the gateway must not take it for complete. */
  unsubscribe(): void {
    if (this.closed) return;
    this.closed = true;
    this.owner.stopSource();
    this.lingerTimer?.stop();
    this.sendTimer?.stop();
    this.settled = true;
    // What is out is not to be lost by a reset.
    if (this.flushed) this.state.socket.destroy();
    else this.state.cut();
  }

  private flush(): void {
    if (this.settled) return;
    this.flushed = true;
    this.sendTimer?.stop();
    this.owner.flushed?.();
    // Whoever was told may have given the connection up.
    if (!this.closed) this.linger();
  }

  private linger(): void {
    const { socket } = this.state;
    // When the gateway's FIN has come as well, the socket closes by itself.
    if (socket.readableEnded || this.settings.lingerMs === Infinity) return;
    this.lingerTimer = new IdleTimer(this.keeper, this.settings.lingerMs, () => socket.destroy());
    this.lingerTimer.start();
  }

  private awaitProgress(): void {
    this.awaiting = true;
    const { sendTimeoutMs } = this.settings;
    this.sendTimer ??= new IdleTimer(this.keeper, sendTimeoutMs, () =>
      this.settle(
        new ScgiLimitError(
          'ERR_SCGI_SEND_TIMEOUT',
          `the gateway took nothing of the response within sendTimeoutMs, ${sendTimeoutMs} ms`,
          sendTimeoutMs,
          sendTimeoutMs,
        ),
      ),
    );
    this.sendTimer.start();
  }

  private settle(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.unsubscribe();
    this.owner.error(error);
  }
}
