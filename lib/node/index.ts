/** What `rxscgi/node` exports: sockets and servers. */
export { flowOf } from './socket-state.js';
export { fromSocket } from './from-socket.js';
export { writeTo } from './write-to.js';
export type { WriteOptions } from '../server/connection-writer.js';
export { listen, type ListenOptions } from './listening/listen.js';
export { serveScgi } from './serve-scgi.js';
export type { ServeOptions } from '../server/serve-options.js';
export type { ServerEvent } from '../server/server-event.js';
