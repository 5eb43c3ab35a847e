/** What `rxscgi/node` exports: sockets and servers. */
export { flowOf } from './socket-state.js';
export { fromSocket } from './from-socket.js';
export { writeTo } from './write-to.js';
export { usingSocket } from './using-socket.js';
export type { WriteOptions } from '../server/write-options.js';
export { listen, type ListenOptions } from './listening/listen.js';
export { serveScgi, type StartContext } from './serve-scgi.js';
export type { ServeOptions } from './serve-options.js';
export type { ServerEvent } from '../server/server-event.js';
