/** What `rxscgi/node` exports: sockets and servers. */
export { flowOf } from './socket-state.js';
export { fromSocket } from './from-socket.js';
export { writeTo } from './write-to.js';
export type { WriteOptions } from './socket-writer.js';
export { listen, type ListenOptions } from './listen.js';
export { serveScgi } from './serve-scgi.js';
export type { ServeOptions } from './serve-options.js';
export type { ServerEvent } from './server-event.js';
