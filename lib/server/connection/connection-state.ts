/** Connects the two halves of a connection: one object per transport that its reader and its writer share. */
import type { Observable, Unsubscribable } from 'rxjs';
import { ScgiProtocolError, ScgiUsageError } from '../../core/errors/errors.js';
import type { Timekeeper } from '../../operators/exchange/idle-timer.js';
import { FlowState } from '../../operators/flow/flow.js';
import type { Target } from '../../operators/flow/forwarding-subscriber.js';
import type { Transport, TransportEvents } from '../transport.js';

/** The writing side, as far as the reading side needs it. */
export interface WritingSide {
  /** Input came that nobody reads. */
  inputDropped(): void;
  outputDrained(): void;
  connectionClosed(): void;
}

/** Follows a connection beside its reader and its writer. */
export interface ConnectionObserver {
  /** Notifies when the server begins to drain, or has begun before. */
  readonly draining?: Observable<unknown>;
  /** The gateway's FIN has been received, and the reader knows of it. */
  inputEnded(): void;
  inputHeldChanged(held: boolean): void;
  /** Input came that nobody reads any more. */
  inputDropped?(chunk: Uint8Array): void;
  /** The connection is over, and its reader and its writer know of it. */
  connectionClosed?(): void;
}

/** The flow of a connection, its reader and its writer. With a writer and without a reader, input is read and dropped. */
export class ConnectionState extends FlowState implements TransportEvents {
  /** Bytes received since there was a reader or a writer. */
  bytesIn = 0;
  /** Whether the gateway's FIN has been received. */
  inputEnded = false;
  /** Whether the connection is over. */
  over = false;
  /** Whether there has been a reader or a writer. */
  taken = false;
  /** The first error that the runtime reported. */
  failure: Error | undefined;
  /** Called when the connection is over, before its reader and its writer are told. The server that accepted it listens. */
  forgotten: (() => void) | undefined;
  private reader: Target<Uint8Array> | undefined;
  private writer: WritingSide | undefined;
  private reading = false;

  constructor(
    readonly transport: Transport,
    public observer?: ConnectionObserver,
    keeper?: Timekeeper,
  ) {
    super(undefined, keeper);
  }

  /** Whether somebody reads the connection or writes it. */
  get inUse(): boolean {
    return this.reader !== undefined || this.writer !== undefined;
  }

  /** Whether the connection is closed on our side, whether or not `closed` has been called yet. */
  get isClosing(): boolean {
    return this.over || (this.transport.isClosing ?? false);
  }

  /** Sends what is received from now on to the reader. @throws ScgiUsageError when there already is one. */
  read(reader: Target<Uint8Array>): void {
    if (this.reader) throw new ScgiUsageError('ERR_SCGI_BODY_USED', 'the socket has a reader already');
    this.taken = true;
    if (this.over) {
      reader.error(this.gone());
      return;
    }
    if (this.inputEnded) {
      reader.complete();
      return;
    }
    this.reader = reader;
    this.update();
  }

  stopReading(): void {
    this.reader = undefined;
    this.update();
  }

  writeBy(writer: WritingSide): void {
    this.taken = true;
    this.writer = writer;
    this.update();
  }

  /** Makes the error for a connection that was lost. */
  gone(): ScgiProtocolError {
    const { failure } = this;
    const message = `the gateway closed the connection${failure ? `: ${failure.message}` : ''}`;
    return new ScgiProtocolError('ERR_SCGI_GATEWAY_GONE', message, this.bytesIn, { cause: failure });
  }

  override get draining(): Observable<unknown> {
    return this.observer?.draining ?? super.draining;
  }

  override nextTurn(work: () => void): Unsubscribable {
    return this.transport.nextTurn?.(work) ?? super.nextTurn(work);
  }

  // ---- TransportEvents

  received(chunk: Uint8Array): void {
    this.bytesIn += chunk.length;
    if (this.reader) {
      this.reader.next(chunk);
    } else {
      this.observer?.inputDropped?.(chunk);
      this.writer?.inputDropped();
    }
  }

  ended(): void {
    this.inputEnded = true;
    const { reader } = this;
    this.reader = undefined;
    reader?.complete();
    this.observer?.inputEnded();
  }

  drained(): void {
    this.writer?.outputDrained();
  }

  closed(error?: Error): void {
    if (this.over) return;
    this.over = true;
    this.failure = error;
    this.forgotten?.();
    const { reader, writer } = this;
    this.reader = this.writer = undefined;
    try {
      // The reader first: a request that was cut short says more than a response that could not be sent.
      reader?.error(this.gone());
    } finally {
      // Also when a finalizer of the application's has thrown.
      writer?.connectionClosed();
      this.observer?.connectionClosed?.();
      // The socket, which may be kept for long, has this state: not the request with it. See decision 140.
      this.request = this.incoming = undefined;
    }
  }

  protected override inputChanged(): void {
    this.update();
    this.observer?.inputHeldChanged(this.inputHeld);
  }

  /** Reads while a reader wants it, or while nobody does but the gateway may still be sending. */
  private update(): void {
    const reading = this.reader ? !this.inputHeld : this.writer !== undefined;
    if (reading === this.reading || this.over) return;
    this.reading = reading;
    if (reading) this.transport.resumeReading();
    else this.transport.pauseReading();
  }
}
