/** A transport over a socket of `Bun.listen`, and the one object of handlers for all of them. */
import { writeSync } from 'node:fs';
import type { Unsubscribable } from 'rxjs';
import type { Transport, TransportEvents } from '../server/transport.js';
import type { BunSocket, BunSocketHandlers } from './bun-api.js';

/** What the system has not taken yet, with its size: the buffer of a chunk that is transferred meanwhile is empty. */
interface Waiting {
  readonly data: Uint8Array | string;
  readonly length: number;
}

const NOTHING = new Uint8Array(0);

/** How long a connection is silent before TCP asks whether the other host still knows it, and then asks again every second. */
const KEEP_ALIVE_MS = 1000;

/** Bun queues nothing: what the system does not take waits here. */
export class BunTransport implements Transport {
  /** Receives the events; to be set before anything can happen. */
  events: TransportEvents | undefined;
  bytesTaken = 0;
  private reading = false;
  private opened = false;
  private waiting: Waiting[] | undefined;
  private ending = false;
  /** Whether the end closes both directions. */
  private closesAtEnd = false;
  private inputEnded = false;
  private over = false;
  private failure: Error | undefined;
  private keepsAlive = false;
  /** Whether a call to the socket is under way, in which Bun may say that the connection is closed. */
  private calling = false;

  /** @param canAbort - whether the socket is one of TCP. */
  constructor(
    private readonly socket: BunSocket,
    readonly canAbort: boolean,
  ) {}

  /** Bun reads a new socket unless it is told not to. To be called once when `events` is set. */
  open(): void {
    this.opened = true;
    if (!this.reading && !this.over) this.socket.pause();
  }

  write(data: Uint8Array | string): boolean {
    const { waiting } = this;
    if (this.over || this.ending) return true;
    if (data.length === 0) this.ask();
    if (waiting) {
      if (data.length > 0) waiting.push({ data, length: data.length });
      return false;
    }
    if (data.length === 0) return true;
    const rest = this.send(data);
    if (rest === undefined) return true;
    this.waiting = [{ data: rest, length: rest.length }];
    return false;
  }

  /**
   * Asks whether the gateway is still there. While reading is paused, Bun does not tell that the other side of a Unix socket has
   * closed; an empty write of the system fails then, but Bun's own makes no call. Over TCP a gateway that leaves sends no reset while
   * its FIN waits behind a body that is not read: TCP's own question brings it.
   */
  private ask(): void {
    const { socket } = this;
    if (this.canAbort) {
      if (!this.keepsAlive) socket.setKeepAlive(true, KEEP_ALIVE_MS);
      this.keepsAlive = true;
    } else if (socket.fd !== undefined && socket.fd >= 0) {
      try {
        writeSync(socket.fd, NOTHING);
      } catch (error) {
        this.failure = error as Error;
        this.abort();
      }
    }
  }

  pauseReading(): void {
    this.reading = false;
    if (this.opened && !this.inputEnded && !this.over) this.socket.pause();
  }

  resumeReading(): void {
    this.reading = true;
    if (this.opened && !this.inputEnded && !this.over) this.socket.resume();
  }

  /**
   * After FIN, the gateway's FIN would be one more event and one more read. Closing at once loses no output of a Unix socket: the
   * gateway has it already. TCP would send a reset for a byte that comes late, and the gateway lose what it has not read.
   */
  end(requestOver = false): void {
    if (this.ending || this.over) return;
    this.ending = true;
    this.closesAtEnd = requestOver && !this.canAbort;
    if (!this.waiting) this.sendEnd();
  }

  abort(): void {
    if (this.over) return;
    this.calling = this.over = true;
    this.socket.terminate();
  }

  destroy(): void {
    if (this.over) return;
    this.calling = this.over = true;
    this.socket.end();
  }

  get isClosing(): boolean {
    return this.over;
  }

  nextTurn(work: () => void): Unsubscribable {
    const immediate = setImmediate(work);
    return { unsubscribe: () => clearImmediate(immediate) };
  }

  // ---- the socket's events

  /** @internal */
  received(chunk: Uint8Array): void {
    if (!this.over) this.events?.received(chunk);
  }

  /** @internal */
  ended(): void {
    if (this.over || this.inputEnded) return;
    this.inputEnded = true;
    this.events?.ended();
  }

  /** @internal */
  writable(): void {
    const { waiting } = this;
    if (!waiting || this.over) return;
    for (let sent = 0; sent < waiting.length; sent++) {
      const { data, length } = waiting[sent] as Waiting;
      if (data.length !== length) {
        this.failure = new Error('the buffer of a chunk was transferred while it went out');
        this.abort();
        return;
      }
      const rest = this.send(data);
      if (rest !== undefined) {
        waiting.splice(0, sent + 1, { data: rest, length: rest.length });
        return;
      }
    }
    this.waiting = undefined;
    if (this.ending) this.sendEnd();
    this.events?.drained();
  }

  /** @internal */
  closed(error: Error | undefined): void {
    this.over = true;
    this.waiting = undefined;
    this.failure ??= error;
    // Not from inside of a call, whose caller does not expect that.
    if (this.calling) queueMicrotask(() => this.tellEnd());
    else this.tellEnd();
  }

  private tellEnd(): void {
    this.events?.closed(this.failure);
  }

  /** Hands data to the system. @returns what it did not take, if anything. */
  private send(data: Uint8Array | string): Uint8Array | string | undefined {
    const { socket } = this;
    this.calling = true;
    const taken = Math.max(0, typeof data === 'string' ? socket.write(data, 'latin1') : socket.write(data));
    this.calling = false;
    this.bytesTaken += taken;
    if (taken >= data.length) return undefined;
    return typeof data === 'string' ? data.slice(taken) : data.subarray(taken);
  }

  private sendEnd(): void {
    this.calling = true;
    if (this.closesAtEnd) this.socket.close();
    else this.socket.shutdown();
    this.calling = false;
  }
}

/** Makes the transport of a new socket, and keeps it in `socket.data`; the first `data` of each socket of a listener. */
export type Open = (socket: BunSocket) => void;

const transportOf = (socket: BunSocket): BunTransport => socket.data as BunTransport;

/** The handlers of all sockets. A function of its own for each socket would cost more. */
export const HANDLERS: BunSocketHandlers = {
  open: (socket) => (socket.data as Open)(socket),
  data: (socket, chunk) => transportOf(socket).received(chunk),
  end: (socket) => transportOf(socket).ended(),
  drain: (socket) => transportOf(socket).writable(),
  close: (socket, error) => transportOf(socket).closed(error),
};
