/** The one connection state of a socket that `fromSocket`, `writeTo` and `flowOf` share. */
import type { Socket } from 'node:net';
import type { Flow } from '../operators/flow.js';
import { ConnectionState } from '../server/connection-state.js';
import { SocketTransport } from './socket-transport.js';

const STATE = Symbol.for('rxscgi.socket-state');

type StatefulSocket = Socket & { [STATE]?: ConnectionState };

/** Returns the state of a socket, which the first call makes. */
export function socketStateOf(socket: Socket): ConnectionState {
  return ((socket as StatefulSocket)[STATE] ??= attach(socket));
}

function attach(socket: Socket): ConnectionState {
  const transport = new SocketTransport(socket);
  const state = new ConnectionState(transport);
  transport.events = state;
  state.inputEnded = socket.readableEnded;
  state.over = socket.destroyed;
  return state;
}

/**
 * Returns the {@link Flow} of a socket, always the same one: `fromSocket` obeys its `inputPaused`, `writeTo` sets its
 * `outputPaused`; give it to the operators between them.
 */
export function flowOf(socket: Socket): Flow {
  return socketStateOf(socket);
}
