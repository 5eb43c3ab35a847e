/** What a socket's reading side and its writing side know of each other: one object and one set of listeners a socket. */
import type { Socket } from 'node:net';
import { ScgiProtocolError, ScgiUsageError } from '../core/errors.js';
import type { Target } from '../operators/forwarding-subscriber.js';
import { FlowState, type Flow } from '../operators/flow.js';

const STATE = Symbol.for('rxscgi.socket-state');

type StatefulSocket = Socket & { [STATE]?: SocketState };

/** The writing side, as far as the reading side needs it. */
export interface SocketWriterSide {
  /** Input came that nobody reads. */
  inputDropped(): void;
  /** The system has taken what was too much before. */
  outputDrained(): void;
  socketClosed(): void;
}

/** The flow of a socket, and who reads and writes it. Without a reader, a writer's socket drops its input. */
export class SocketState extends FlowState {
  /** The first error that the socket reported. */
  failure: Error | undefined;
  /** Bytes that came since there was a reader or a writer: the socket's own count is a call into the system's side of Node. */
  bytesIn = 0;
  private reader: Target<Uint8Array> | undefined;
  private writer: SocketWriterSide | undefined;
  private reading = false;

  constructor(readonly socket: Socket) {
    super();
    // A socket without an error listener ends the process. This one stays for good.
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  /** Gives the reader what comes from now on. @throws ScgiUsageError when there is one already. */
  read(reader: Target<Uint8Array>): void {
    if (this.reader) throw new ScgiUsageError('ERR_SCGI_BODY_USED', 'the socket has a reader already');
    const { socket } = this;
    if (socket.destroyed) {
      reader.error(this.gone());
      return;
    }
    if (socket.readableEnded) {
      reader.complete();
      return;
    }
    this.reader = reader;
    this.listen();
    this.update();
  }

  /** The reader has had enough. */
  stopReading(): void {
    this.reader = undefined;
    this.update();
  }

  write(writer: SocketWriterSide): void {
    this.writer = writer;
    this.listen();
    this.update();
  }

  /** The socket has taken too much: the writer is told when it has less. */
  awaitDrain(): void {
    this.socket.once('drain', onDrain);
  }

  /** The error for a connection that went away. */
  gone(): ScgiProtocolError {
    const { failure } = this;
    const how = failure ? `: ${failure.message}` : '';
    return new ScgiProtocolError(
      'ERR_SCGI_GATEWAY_GONE',
      `the gateway closed the connection${how}`,
      this.bytesIn,
      {
        cause: failure,
      },
    );
  }

  /** Ends the connection so that what it has sent does not look complete: by RST on TCP. A Unix socket has none. */
  cut(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    if (socket.localPort === undefined) socket.destroy();
    else socket.resetAndDestroy();
  }

  // ---- the socket's events

  data(chunk: Uint8Array): void {
    this.bytesIn += chunk.length;
    if (this.reader) this.reader.next(chunk);
    else this.writer?.inputDropped();
  }

  ended(): void {
    const { reader } = this;
    this.reader = undefined;
    reader?.complete();
  }

  drained(): void {
    this.writer?.outputDrained();
  }

  closed(): void {
    const { reader, writer } = this;
    this.reader = this.writer = undefined;
    // The reader first: a request cut short says more than a response that could not be sent.
    reader?.error(this.gone());
    writer?.socketClosed();
  }

  private listen(): void {
    if (this.reading) return;
    this.reading = true;
    const { socket } = this;
    socket.on('data', onData);
    socket.on('end', onEnd);
  }

  protected override inputChanged(): void {
    this.update();
  }

  /** Reads while somebody wants it, or while nobody does but the gateway may still be sending. */
  private update(): void {
    const paused = this.reader ? this.inputHeld : !this.writer;
    if (paused) this.socket.pause();
    else this.socket.resume();
  }
}

/** The one state of a socket, made at the first call. */
export function socketStateOf(socket: Socket): SocketState {
  return ((socket as StatefulSocket)[STATE] ??= new SocketState(socket));
}

/**
 * The {@link Flow} of a socket, always the same: `fromSocket` obeys its `inputPaused`, `writeTo` writes its
 * `outputPaused`; give it to the operators between them.
 */
export function flowOf(socket: Socket): Flow {
  return socketStateOf(socket);
}

// One function for all sockets, not a closure for each.

function onData(this: StatefulSocket, chunk: Uint8Array): void {
  this[STATE]?.data(chunk);
}

function onEnd(this: StatefulSocket): void {
  this[STATE]?.ended();
}

function onDrain(this: StatefulSocket): void {
  this[STATE]?.drained();
}

function onError(this: StatefulSocket, error: Error): void {
  const state = this[STATE];
  if (state) state.failure ??= error;
}

function onClose(this: StatefulSocket): void {
  this[STATE]?.closed();
}
