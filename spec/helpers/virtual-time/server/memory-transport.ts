/** A connection without a system below it: both ends in memory, in virtual time. */
import { Subject, type SchedulerLike } from 'rxjs';
import type { Transport, TransportEvents } from '../../../../lib/server/transport.js';

/** What the gateway sees of the end: a FIN, a reset, or that the connection is closed. */
export type Ending = 'fin' | 'reset' | 'closed';

/** The gateway's end is played by a test; the other one is a {@link Transport}. */
export class MemoryTransport implements Transport {
  events: TransportEvents | undefined;
  /** What the application has written, as ISO-8859-1. */
  text = '';
  /** What the gateway sees, as it happens. */
  readonly endings = new Subject<Ending>();
  bytesTaken = 0;
  /** Whether the application reads. */
  reading = false;
  /** How often the system was asked whether the gateway is still there. */
  probes = 0;
  private readonly inbox: (() => void)[] = [];
  private room = Infinity;
  private queued = 0;
  private full = false;
  private gatewayEnded = false;
  private gatewayClosed = false;
  private ended = false;
  private finSent = false;
  private finReceived = false;
  private over = false;

  /** @param canAbort - as TCP; without, as a Unix socket. */
  constructor(
    private readonly scheduler: SchedulerLike,
    readonly canAbort: boolean,
  ) {}

  // ---- the gateway

  send(bytes: Uint8Array): void {
    this.deliver(() => this.events?.received(bytes));
  }

  fin(): void {
    this.gatewayEnded = true;
    this.deliver(() => {
      this.finReceived = true;
      this.events?.ended();
      this.closeWhenBothEnded();
    });
  }

  /** Closes: to the application a FIN, on which only a Unix socket can tell more. */
  close(): void {
    this.gatewayClosed = true;
    if (!this.gatewayEnded) this.fin();
  }

  reset(): void {
    this.finish(new Error('reset'));
  }

  /** From now on the system takes so many bytes, and no more until `take`. */
  takeOnly(bytes: number): void {
    this.room = bytes;
  }

  /** The gateway reads some of what waits. */
  take(bytes: number): void {
    this.room += bytes;
    this.drain();
  }

  // ---- Transport

  write(data: Uint8Array | string): boolean {
    if (this.over) return true;
    if (data.length === 0) {
      this.probes++;
      if (this.gatewayClosed && !this.canAbort) this.later(() => this.finish(new Error('EPIPE')));
      return !this.full;
    }
    this.text += typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
    this.queued += data.length;
    this.drain();
    return !this.full;
  }

  pauseReading(): void {
    this.reading = false;
  }

  resumeReading(): void {
    this.reading = true;
    this.later(() => this.flushInbox());
  }

  end(): void {
    this.ended = true;
    this.drain();
  }

  abort(): void {
    this.tell('reset');
    this.later(() => this.finish());
  }

  destroy(): void {
    this.tell('closed');
    this.later(() => this.finish());
  }

  // ---- in between

  private deliver(event: () => void): void {
    this.inbox.push(event);
    this.flushInbox();
  }

  private flushInbox(): void {
    while (this.reading && !this.over) {
      const event = this.inbox.shift();
      if (!event) return;
      event();
    }
  }

  private drain(): void {
    const taken = Math.min(this.queued, this.room);
    this.queued -= taken;
    this.room -= taken;
    this.bytesTaken += taken;
    const wasFull = this.full;
    this.full = this.queued > 0;
    if (wasFull && !this.full) this.later(() => this.events?.drained());
    if (this.ended && !this.full && !this.finSent) {
      this.finSent = true;
      this.tell('fin');
      this.closeWhenBothEnded();
    }
  }

  private tell(ending: Ending): void {
    if (!this.over) this.endings.next(ending);
  }

  private closeWhenBothEnded(): void {
    if (this.finReceived && this.finSent) this.later(() => this.finish());
  }

  private finish(error?: Error): void {
    if (this.over) return;
    this.over = true;
    this.endings.complete();
    this.events?.closed(error);
  }

  private later(action: () => void): void {
    this.scheduler.schedule(action);
  }
}
