/** A transport that tells what is written, and how our side ends. */
import type { Unsubscribable } from 'rxjs';
import type { Transport } from '../transport.js';
import type { ConnectionEvents } from './inspector.js';

export class InspectedTransport implements Transport {
  private ended: 'fin' | 'reset' | 'closed' | undefined;
  declare readonly nextTurn?: (work: () => void) => Unsubscribable;

  constructor(
    private readonly transport: Transport,
    readonly events: ConnectionEvents,
  ) {
    // Where it is missing, a timer does.
    if (transport.nextTurn) this.nextTurn = (work) => (transport as Required<Transport>).nextTurn(work);
  }

  write(data: Uint8Array | string): boolean {
    // An empty write only asks whether the gateway is still there.
    if (data.length > 0) this.events.emit({ type: 'bytes-out', bytes: data.length });
    return this.transport.write(data);
  }

  pauseReading(): void {
    this.transport.pauseReading();
  }

  resumeReading(): void {
    this.transport.resumeReading();
  }

  end(requestOver?: boolean): void {
    this.tellEnd('fin');
    this.transport.end(requestOver);
  }

  abort(): void {
    this.tellEnd(this.canAbort ? 'reset' : 'closed');
    this.transport.abort();
  }

  destroy(): void {
    this.tellEnd('closed');
    this.transport.destroy();
  }

  get isClosing(): boolean {
    return this.transport.isClosing ?? false;
  }

  get canAbort(): boolean {
    return this.transport.canAbort;
  }

  get bytesTaken(): number {
    return this.transport.bytesTaken;
  }

  /** After FIN, closing is no news; a reset is. */
  private tellEnd(how: 'fin' | 'reset' | 'closed'): void {
    if (this.ended === how || (this.ended !== undefined && how !== 'reset')) return;
    this.ended = how;
    this.events.emit({ type: 'end', how });
  }
}
