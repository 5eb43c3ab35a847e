/** A connection that is inspected: its socket, its two brakes, and what goes wrong. */
import { HELD_BY_BODY, HELD_BY_RESPONSE, type Holder } from '../../operators/flow/flow.js';
import type { Exchange } from '../../operators/exchange/exchange.js';
import type { ScgiRequest } from '../../operators/types.js';
import { ConnectionState } from '../connection/connection-state.js';
import { Connection } from '../connection/connection.js';
import type { Transport } from '../transport.js';
import { HELD_WHILE_WAITING } from '../connection/waiting-input.js';
import type { InspectCause } from './inspect-event.js';
import { InspectedExchange } from './inspected-exchange.js';
import type { InspectedTransport } from './inspected-transport.js';
import type { ConnectionEvents } from './inspector.js';

/** Takes the place of a connection where the server is inspected: does the same, and tells it. Its transport is inspected, too. */
export class InspectedConnection extends Connection {
  private isTold = false;
  private isAborted = false;

  private get events(): ConnectionEvents {
    return eventsOf(this.state);
  }

  /** The constructor calls it, before this class has anything of its own. */
  protected override makeState(transport: Transport): ConnectionState {
    return new InspectedState(transport, this);
  }

  protected override makeExchange(): Exchange {
    const { events, handler, keeper, settings, state, writer } = this;
    return new InspectedExchange(events, writer, handler, settings.handle, state, keeper, this);
  }

  override wait(): void {
    if (this.isOpen()) super.wait();
  }

  override begin(): void {
    if (this.isOpen()) super.begin();
  }

  override refuse(error: unknown): void {
    if (!this.isOpen()) return;
    this.events.error(error);
    if (!this.isAborted) super.refuse(error);
  }

  override abort(): void {
    this.isAborted = true;
    super.abort();
  }

  /** Tells that there is a connection, now that the server knows it: the observer may end both. */
  private isOpen(): boolean {
    if (!this.isTold) this.events.emit({ type: 'open' });
    this.isTold = true;
    return !this.isAborted;
  }

  override flushed(): void {
    // The writer releases the output only for more of a response.
    (this.state as InspectedState).outputTaken();
    super.flushed();
  }

  override failure(error: unknown, request: ScgiRequest | undefined): void {
    this.events.error(error);
    super.failure(error, request);
  }
}

class InspectedState extends ConnectionState {
  private inputBits = 0;
  private readonly holders: Record<Holder, number> = {
    holdInput: 0,
    holdOutput: 0,
    pullMap: 0,
    transport: 0,
  };
  private input = '';
  private output = '';

  override received(chunk: Uint8Array): void {
    eventsOf(this).bytesIn(chunk);
    super.received(chunk);
  }

  override ended(): void {
    eventsOf(this).emit({ type: 'bytes-in-end' });
    super.ended();
  }

  override closed(error?: Error): void {
    const { over } = this;
    super.closed(error);
    if (!over) eventsOf(this).emit({ type: 'close' });
  }

  override hold(cause: number, isHeld: boolean): void {
    this.inputBits = isHeld ? this.inputBits | cause : this.inputBits & ~cause;
    this.tellInputCauses();
    super.hold(cause, isHeld);
  }

  override countInput(change: 1 | -1, holder: Holder): void {
    this.holders[holder] += change;
    this.tellInputCauses();
    super.countInput(change, holder);
  }

  override countOutput(change: 1 | -1, holder: Holder): void {
    this.holders[holder] += change;
    this.tellOutputCauses();
    super.countOutput(change, holder);
  }

  /** The system has taken everything. */
  outputTaken(): void {
    this.holders.transport = 0;
    this.tellOutputCauses();
  }

  private tellInputCauses(): void {
    const { holders, inputBits } = this;
    const events = eventsOf(this);
    const causes: InspectCause[] = [];
    if (inputBits & HELD_BY_BODY) causes.push(events.bodyPuller ?? 'bodyHighWaterMark');
    if (holders.pullMap > 0) causes.push('pullMap');
    if (inputBits & HELD_BY_RESPONSE) causes.push('maxQueuedBytes');
    if (inputBits & HELD_WHILE_WAITING) causes.push('maxConnections');
    if (holders.holdInput > 0) causes.push('holdInput');
    const input = causes.join();
    if (input === this.input) return;
    this.input = input;
    events.emit({ type: 'input-paused', paused: causes.length > 0, causes });
  }

  private tellOutputCauses(): void {
    const { holdOutput, transport } = this.holders;
    const causes: InspectCause[] = [];
    if (transport > 0) causes.push('transport');
    if (holdOutput > 0) causes.push('holdOutput');
    const output = causes.join();
    if (output === this.output) return;
    this.output = output;
    eventsOf(this).emit({ type: 'output-paused', paused: causes.length > 0, causes });
  }
}

function eventsOf({ transport }: ConnectionState): ConnectionEvents {
  return (transport as InspectedTransport).events;
}
