/**
 * Sockets and servers on `Bun.listen`.
 *
 * @module rxscgi/bun
 */
export { flowOf, fromSocket, listen, usingSocket, writeTo } from './sockets.js';
export { coarseScheduler } from '../system/time/coarse-scheduler.js';
export { serveScgi } from './serve-scgi.js';
export type { BunSocket } from './bun-api.js';
export type { WriteOptions } from '../server/write-options.js';
export type { ListenOptions } from '../system/addresses/socket-access.js';
export { trustedProxies } from '../system/serving/trusted-proxies.js';
export type { ServeOptions, StartContext } from '../system/serving/serve-options.js';
export type { ServerEvent } from '../server/server-event.js';
export type { InspectCause, InspectEvent } from '../server/inspect/inspect-event.js';
