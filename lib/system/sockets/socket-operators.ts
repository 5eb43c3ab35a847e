/** A connection's input and output as Observables, over the sockets of any runtime. */
import { Observable, defer, type ObservableInput, type OperatorFunction, type Subscriber } from 'rxjs';
import { ScgiUsageError } from '../../core/errors/errors.js';
import { verifyOptionNames } from '../../core/options.js';
import type { Flow } from '../../operators/flow/flow.js';
import { ForwardingSubscriber } from '../../operators/flow/forwarding-subscriber.js';
import type { ConnectionState } from '../../server/connection/connection-state.js';
import { ConnectionWriter } from '../../server/connection/connection-writer.js';
import {
  WRITE_OPTIONS,
  verifyWriteOptions,
  type WriteOptions,
  type WriteSettings,
} from '../../server/write-options.js';
import { REAL_TIME } from './real-time.js';

/** Returns the state of a socket; called at each subscription. */
export type StateOf = () => ConnectionState;

/** `fromSocket` */
export function readSocket(stateOf: StateOf): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    const state = stateOf();
    state.read(subscriber);
    return () => state.stopReading();
  });
}

/** `writeTo` */
export function writeSocket(
  stateOf: StateOf,
  options: WriteOptions | undefined,
): OperatorFunction<Uint8Array, never> {
  verifyOptionNames('writeTo', options, WRITE_OPTIONS);
  const settings = verifyWriteOptions(options);
  return (source) => new Observable((destination) => write(source, stateOf(), settings, destination));
}

/** `usingSocket` */
export function useSocket(
  stateOf: StateOf,
  project: (bytes: Observable<Uint8Array>, flow: Flow) => ObservableInput<Uint8Array>,
  options: WriteOptions | undefined,
): Observable<never> {
  if (typeof project !== 'function') throw new TypeError(`project must be a function, not ${typeof project}`);
  verifyOptionNames('usingSocket', options, WRITE_OPTIONS);
  const settings = verifyWriteOptions(options);
  return new Observable((subscriber) => {
    const state = stateOf();
    if (state.inUse) {
      subscriber.error(new ScgiUsageError('ERR_SCGI_BODY_USED', 'the connection is in use already'));
      return;
    }
    write(
      defer(() => project(readSocket(stateOf), state)),
      state,
      settings,
      subscriber,
    );
  });
}

function write(
  source: Observable<Uint8Array>,
  state: ConnectionState,
  settings: WriteSettings,
  destination: Subscriber<never>,
): void {
  const writer = new ConnectionWriter(state, settings, REAL_TIME, {
    stopSource: () => input.unsubscribe(),
    error: (error) => destination.error(error),
    complete: () => destination.complete(),
  });
  const input = new ForwardingSubscriber(writer);
  destination.add(input);
  destination.add(writer);
  writer.start();
  source.subscribe(input);
}
