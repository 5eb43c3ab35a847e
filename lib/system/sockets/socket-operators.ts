/** A connection's input and output as Observables, over the sockets of any runtime. */
import { Observable, from, type ObservableInput, type OperatorFunction, type Subscriber } from 'rxjs';
import { ScgiUsageError } from '../../core/errors/errors.js';
import { verifyOptionNames } from '../../core/options.js';
import type { Flow } from '../../operators/flow/flow.js';
import { ForwardingSubscriber } from '../../operators/flow/forwarding-subscriber.js';
import type { ConnectionObserver, ConnectionState } from '../../server/connection/connection-state.js';
import { ConnectionWriter, type WriterOwner } from '../../server/connection/connection-writer.js';
import { DepartureWatch } from '../../server/connection/departure.js';
import {
  WRITE_OPTIONS,
  verifyWriteOptions,
  type WriteOptions,
  type WriteSettings,
} from '../../server/write-options.js';
import { REAL_TIME } from '../time/real-time.js';

/** Returns the state of a socket; called at each subscription. */
export type StateOf<S> = (socket: S) => ConnectionState;

/** `fromSocket` */
export function readSocket<S>(socket: S, stateOf: StateOf<S>): Observable<Uint8Array> {
  return new Observable((subscriber) => readConnection(stateOf(socket), subscriber));
}

function readConnection(state: ConnectionState, subscriber: Subscriber<Uint8Array>): () => void {
  state.read(subscriber);
  return () => state.stopReading();
}

/** `writeTo` */
export function writeSocket<S>(
  socket: S,
  stateOf: StateOf<S>,
  options: WriteOptions | undefined,
): OperatorFunction<Uint8Array, never> {
  verifyOptionNames('writeTo', options, WRITE_OPTIONS);
  const settings = verifyWriteOptions(options);
  return (source) =>
    new Observable((destination) => {
      source.subscribe(new SocketOutput(stateOf(socket), settings, destination).input);
    });
}

/** `usingSocket` */
export function useSocket<S>(
  socket: S,
  stateOf: StateOf<S>,
  project: (bytes: Observable<Uint8Array>, flow: Flow) => ObservableInput<Uint8Array>,
  options: WriteOptions | undefined,
): Observable<never> {
  if (typeof project !== 'function') throw new TypeError(`project must be a function, not ${typeof project}`);
  verifyOptionNames('usingSocket', options, WRITE_OPTIONS);
  const settings = verifyWriteOptions(options);
  return new Observable((subscriber) => {
    const state = stateOf(socket);
    if (state.inUse) {
      subscriber.error(new ScgiUsageError('ERR_SCGI_BODY_USED', 'the connection is in use already'));
      return;
    }
    const { input } = new SocketOutput(state, settings, subscriber);
    try {
      const bytes = new Observable<Uint8Array>((reader) => readConnection(state, reader));
      from(project(bytes, state)).subscribe(input);
    } catch (thrown) {
      input.error(thrown);
    }
  });
}

/** Writes what its `input` gets, and finalizes that with the destination. */
class SocketOutput implements WriterOwner, ConnectionObserver {
  readonly input: ForwardingSubscriber<Uint8Array>;
  private readonly writer: ConnectionWriter;
  private departure: DepartureWatch | undefined;

  constructor(
    private readonly state: ConnectionState,
    settings: WriteSettings,
    private readonly destination: Subscriber<never>,
  ) {
    const writer = (this.writer = new ConnectionWriter(state, settings, REAL_TIME, this));
    // Once the response is complete, what is still to come of the request is dropped: its decoder would hold it.
    this.input = new ForwardingSubscriber(writer, 'after');
    // This stops the source, too.
    destination.add(writer);
    if (!state.over) state.observer = this;
    writer.start();
  }

  // ---- ConnectionObserver: a gateway that leaves before it has the response gives it up, as in `serveScgi`

  inputEnded(): void {
    if (!this.isWatching) return;
    const departure = this.watchDeparture();
    if (departure.isLeftAtFin(() => this.state.incoming?.variables)) {
      this.writer.gatewayLeft();
    } else {
      departure.start();
      departure.ask();
    }
  }

  /** While the input is held, its end cannot be read. To ask goes on after that: a pause may be as short as a chunk. */
  inputHeldChanged(held: boolean): void {
    if (held && this.isWatching) this.watchDeparture().start();
  }

  /** The socket may be kept for long, with the state: not this with it. */
  connectionClosed(): void {
    this.state.observer = undefined;
  }

  private get isWatching(): boolean {
    return !this.writer.completed && !this.input.closed && this.state.transport.tellsDeparture !== false;
  }

  private watchDeparture(): DepartureWatch {
    if (this.departure) return this.departure;
    const departure = new DepartureWatch(this.state.transport, 'detect', REAL_TIME);
    this.input.add(() => departure.stop());
    return (this.departure = departure);
  }

  // ---- WriterOwner

  stopSource(): void {
    this.input.unsubscribe();
  }

  error(error: unknown): void {
    this.destination.error(error);
  }

  complete(): void {
    this.destination.complete();
  }
}
