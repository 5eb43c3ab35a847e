/** The one connection state of a socket that `fromSocket`, `writeTo` and `flowOf` share. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { quoted } from '../core/text/quoted.js';
import type { Flow } from '../operators/flow/flow.js';
import { ConnectionState } from '../server/connection/connection-state.js';
import { REAL_TIME } from '../system/time/real-time.js';
import { DuplexTransport } from './duplex-transport.js';
import { SocketTransport } from './socket-transport.js';

const STATE = Symbol.for('rxscgi.socket-state');

type StatefulDuplex = Duplex & { [STATE]?: ConnectionState };

/** Returns the state of a socket, which the first call makes. @throws TypeError for anything else than a Duplex. */
export function socketStateOf(duplex: Duplex): ConnectionState {
  if (typeof duplex !== 'object' || (duplex as unknown) === null) throw notDuplex(duplex);
  return ((duplex as StatefulDuplex)[STATE] ??= attach(duplex));
}

function attach(duplex: Duplex): ConnectionState {
  if (typeof duplex.on !== 'function' || typeof duplex.write !== 'function') throw notDuplex(duplex);
  const transport = duplex instanceof Socket ? new SocketTransport(duplex) : new DuplexTransport(duplex);
  const state = new ConnectionState(transport, undefined, REAL_TIME);
  transport.events = state;
  state.inputEnded = duplex.readableEnded;
  state.over = duplex.destroyed;
  return state;
}

function notDuplex(value: unknown): TypeError {
  return new TypeError(`a connection is a socket or another Duplex of node:stream, not ${quoted(value)}`);
}

/**
 * Returns the {@link Flow} of a socket, always the same one: `fromSocket` obeys its `inputPaused`, `writeTo` sets its
 * `outputPaused`; give it to the operators between them.
 *
 * @example
 * ```ts
 * import { flowOf, listen } from 'rxscgi/node';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(mergeMap((socket) => flowOf(socket).inputPaused))
 *   .subscribe((paused) => console.log(paused ? 'paused' : 'reading'));
 * ```
 */
export function flowOf(duplex: Duplex): Flow {
  return socketStateOf(duplex);
}
