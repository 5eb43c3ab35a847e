/** A transport over a socket of Node.js, with one set of listeners per socket. */
import type { Socket } from 'node:net';
import type { Unsubscribable } from 'rxjs';
import type { Transport, TransportEvents } from '../server/transport.js';

// Registered, not unique: two copies of the package may meet at one socket.
const TRANSPORT = Symbol.for('rxscgi.socket-transport');

type TransportSocket = Socket & { [TRANSPORT]?: SocketTransport };

/** The part of Node's handle that counts what the system has taken of a write, or knows an address; undocumented, and so optional. */
interface SocketHandle {
  readonly getsockname?: unknown;
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
}

const NOTHING = new Uint8Array(0);

/** So much goes out in one packet of TCP, whichever way it takes. RFC 9293 §3.7.1: IPv6's 1 280 bytes, less its headers. */
const PACKET_BYTES = 1220;

/** How long a connection is silent before TCP asks whether the other host still knows it, and then asks again every second. */
const KEEP_ALIVE_MS = 1000;

export class SocketTransport implements Transport {
  /** Receives the events; to be set before anything can happen. */
  events: TransportEvents | undefined;
  private failure: Error | undefined;
  private listening = false;
  private awaitingDrain = false;
  private keepsAlive = false;
  private hasWritten = false;
  private onTaken: ((error: Error | null | undefined) => void) | undefined;
  private delays = true;

  /** @param readsDirectly - whether the socket is not connected yet, and its option `onread` passes the input to `events`. */
  constructor(
    private readonly socket: Socket,
    private readonly readsDirectly = false,
  ) {
    (socket as TransportSocket)[TRANSPORT] = this;
    // A socket without an error listener ends the process: this one stays for good.
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  write(data: Uint8Array | string): boolean {
    const { socket } = this;
    if (!socket.writable) return true;
    if (data.length === 0) this.keepAlive();
    const isAlone = !this.hasWritten && data.length <= PACKET_BYTES;
    if (this.delays && !isAlone) this.stopDelaying();
    this.hasWritten = true;
    // A callback costs a small response a task of its own, though the system takes that at once.
    if (isAlone) socket.write(data, 'latin1');
    else socket.write(data, 'latin1', (this.onTaken ??= (error) => this.taken(error)));
    if (socket.writableLength === 0) return true;
    this.awaitingDrain = true;
    if (isAlone) socket.write(NOTHING, (error) => this.taken(error));
    return false;
  }

  /**
   * Called for each write. Not the socket's `drain`, which is only emitted when more than its high-water mark was queued; and not an
   * empty write behind the last one, which fails when the gateway closes as soon as it has all.
   */
  private taken(error: Error | null | undefined): void {
    const { destroyed, writableLength } = this.socket;
    // What a socket has not written when it is destroyed is called back without an error.
    if (error || destroyed || writableLength > 0 || !this.awaitingDrain) return;
    this.awaitingDrain = false;
    this.events?.drained();
  }

  /**
   * TCP holds a small packet back while it waits for an acknowledgement (Nagle), which comes 40 ms later. Neither the first packet
   * nor FIN waits: a response of one small write needs no call of the system.
   */
  private stopDelaying(): void {
    this.delays = false;
    this.socket.setNoDelay(true);
  }

  /**
   * An empty write fails on TCP only once a reset has arrived, and a gateway that has left sends none while its FIN waits behind
   * a body that is not read: TCP's own question brings it.
   */
  private keepAlive(): void {
    if (this.keepsAlive || !this.canAbort) return;
    this.keepsAlive = true;
    this.socket.setKeepAlive(true, KEEP_ALIVE_MS);
  }

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    const { socket } = this;
    if (!this.listening) {
      this.listening = true;
      socket.on('end', onEnd);
      // It reads as soon as it is connected.
      if (this.readsDirectly) return;
      socket.on('data', onData);
    }
    socket.resume();
  }

  /**
   * After FIN, the gateway's FIN would be one more read and one more event. A Unix socket hands over what was written before it
   * tells of the close: when the system has taken all of it, nothing can be lost by closing at once.
   */
  end(requestOver = false): void {
    const { socket } = this;
    if (requestOver && socket.writableLength === 0 && this.isUnix) {
      socket.destroy();
      return;
    }
    socket.end();
  }

  abort(): void {
    const { socket } = this;
    if (this.canAbort) socket.resetAndDestroy();
    else socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  get isClosing(): boolean {
    return this.socket.destroyed;
  }

  get canAbort(): boolean {
    const { socket } = this;
    // Node.js resets TCP alone: not Unix sockets, which have no port, and not TLS.
    return socket.localPort !== undefined && (socket as { encrypted?: boolean }).encrypted !== true;
  }

  /** `localPort` would say it by a call of the system: handles of TCP, and of TLS over whatever, have a method for that. */
  private get isUnix(): boolean {
    const { socket, handle } = this;
    return handle !== undefined && handle.getsockname === undefined && socket.localPort === undefined;
  }

  private get handle(): SocketHandle | undefined {
    return (this.socket as { _handle?: SocketHandle | null })._handle ?? undefined;
  }

  get bytesTaken(): number {
    const { socket } = this;
    const { bytesWritten, writeQueueSize } = this.handle ?? {};
    if (bytesWritten !== undefined && writeQueueSize !== undefined) return bytesWritten - writeQueueSize;
    return socket.bytesWritten - socket.writableLength;
  }

  nextTurn(work: () => void): Unsubscribable {
    const immediate = setImmediate(work);
    return { unsubscribe: () => clearImmediate(immediate) };
  }

  // ---- the socket's events

  /** @internal */
  failed(error: Error): void {
    this.failure ??= error;
  }

  /** @internal */
  closed(): void {
    const { events } = this;
    // Node.js may keep a closed socket for long: not its exchange with it. See decision 140.
    this.events = undefined;
    events?.closed(this.failure);
  }
}

// One function for all sockets, not a closure for each.

function onData(this: TransportSocket, chunk: Uint8Array): void {
  this[TRANSPORT]?.events?.received(chunk);
}

function onEnd(this: TransportSocket): void {
  this[TRANSPORT]?.events?.ended();
}

function onError(this: TransportSocket, error: Error): void {
  this[TRANSPORT]?.failed(error);
}

function onClose(this: TransportSocket): void {
  this[TRANSPORT]?.closed();
}
