/**
 * Sockets, servers and clients.
 *
 * @module rxscgi/node
 */
export { flowOf } from './socket-state.js';
export { fromSocket } from './from-socket.js';
export { writeTo } from './write-to.js';
export { usingSocket } from './using-socket.js';
export type { WriteOptions } from '../server/write-options.js';
export { listen } from './listen.js';
export type { ListenOptions } from '../system/addresses/socket-access.js';
export { coarseScheduler } from '../system/time/coarse-scheduler.js';
export { serveScgi } from './serve-scgi.js';
export type { ServeOptions, StartContext } from '../system/serving/serve-options.js';
export { trustedProxies } from '../system/serving/trusted-proxies.js';
export type { ServerEvent } from '../server/server-event.js';
export type { InspectCause, InspectEvent } from '../server/inspect/inspect-event.js';
export { scgiRequest } from './client/scgi-request.js';
export type { ScgiCallInit, ScgiCallOptions } from './client/call-options.js';
export { scgiClient, type ScgiClient, type ScgiClientOptions } from './client/scgi-client.js';
export { scgiFetch, type ScgiFetchOptions } from './client/scgi-fetch.js';
export { scgiGateway, type ScgiGateway } from './gateway/scgi-gateway.js';
export type { GatewayOptions } from './gateway/gateway-options.js';
export type { GatewayEvent } from './gateway/gateway-event.js';
export { fromRequestListener } from './request-listener/from-request-listener.js';
