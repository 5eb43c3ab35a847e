/**
 * Operators, types and errors. It runs wherever RxJS does.
 *
 * @module rxscgi
 */
export { decodeScgi } from './operators/decode-scgi.js';
export { decodeScgiEvents } from './operators/decode-scgi-events.js';
export { decodeScgiResponse, type DecodeResponseOptions } from './operators/decode-scgi-response.js';
export { encodeScgi } from './operators/encode-scgi.js';
export { encodeScgiEvents, type EncodeEventsOptions } from './operators/encode-scgi-events.js';
export {
  encodeScgiRequest,
  type EncodeRequestOptions,
  type ScgiRequestInit,
} from './operators/encode-scgi-request.js';
export type { RequestVariablesInit } from './operators/outgoing/request-variables.js';
export type { ScgiIncomingResponse } from './operators/outgoing/incoming-response.js';
export { errorAnswer, type AnswerContext } from './operators/response/error-answer.js';
export { idleTimeout, type IdleTimeoutOptions } from './operators/idle-timeout.js';
export { handleScgi } from './operators/handle-scgi.js';
export { pullMap, type PullMapOptions } from './operators/pull-map.js';
export { HttpError, type HttpErrorOptions } from './operators/makers/http-error.js';
export { clientRedirect, localRedirect } from './operators/makers/redirects.js';
export {
  serverSentEvents,
  type ServerSentEvent,
  type ServerSentEventsOptions,
} from './operators/makers/server-sent-events.js';
export { html, json, text, type ScgiResponseInit } from './operators/makers/response-makers.js';
export { fromFetch, type FetchApplication, type FetchHandler } from './adapters/from-fetch.js';
export type { TrustProxy } from './operators/request/forwarded.js';
export { createFlow, type Flow, type FlowGate } from './operators/flow/flow.js';
export type { DecodeOptions, EncodeOptions, HandleOptions } from './operators/engine-options.js';
export type {
  AnyScgiHandler,
  BodyChunk,
  ScgiBody,
  ScgiHandler,
  ScgiRequest,
  ScgiResponse,
} from './operators/types.js';
export { MetaVariables } from './core/headers/meta-variables.js';
export type { RequestEvent, ResponseEvent, ResponseHeaders } from './core/events.js';
export type { ReaderOptions } from './core/options.js';
export {
  ScgiError,
  ScgiLimitError,
  ScgiProtocolError,
  ScgiUsageError,
  isScgiError,
  type ForeignProtocol,
} from './core/errors/errors.js';
export type {
  ScgiErrorCode,
  ScgiLimitErrorCode,
  ScgiProtocolErrorCode,
  ScgiUsageErrorCode,
} from './core/errors/codes.js';
