/**
 * The protocol without RxJS and without I/O.
 *
 * @module rxscgi/core
 */
export { NEED_DATA, type PullReader, type ReaderState } from './pull-reader.js';
export { RequestReader } from './request/request-reader.js';
export { RequestWriter, type RequestWriterState } from './request/request-writer.js';
export { ResponseReader, type ResponseReaderOptions } from './response/response-reader.js';
export { ResponseWriter, type ResponseWriterState } from './response/response-writer.js';
export type { HeadContext } from './response/response-head.js';
export { MetaVariables } from './headers/meta-variables.js';
export type {
  IncomingResponseEvent,
  IncomingResponseHead,
  RequestEvent,
  RequestHeadInit,
  RequestWriterEvent,
  ResponseEvent,
  ResponseHeadInit,
  ResponseHeaders,
  ResponseHeadersEvent,
} from './events.js';
export type { ReaderLimits, ReaderOptions } from './options.js';
export {
  ScgiError,
  ScgiLimitError,
  ScgiProtocolError,
  ScgiUsageError,
  isScgiError,
  type ForeignProtocol,
} from './errors/errors.js';
export type {
  ScgiErrorCode,
  ScgiLimitErrorCode,
  ScgiProtocolErrorCode,
  ScgiUsageErrorCode,
} from './errors/codes.js';
