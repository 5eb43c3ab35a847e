/** What `rxscgi/core` exports: the protocol without RxJS and without I/O. */
export { NEED_DATA, RequestReader, type ReaderState } from './request/request-reader.js';
export { ResponseWriter, type ResponseWriterState } from './response/response-writer.js';
export type { HeadContext } from './response/response-head.js';
export { MetaVariables } from './meta-variables.js';
export type {
  RequestEvent,
  ResponseEvent,
  ResponseHeadInit,
  ResponseHeaders,
  ResponseHeadersEvent,
} from './events.js';
export type { ReaderOptions } from './options.js';
export {
  ScgiError,
  ScgiLimitError,
  ScgiProtocolError,
  ScgiUsageError,
  isScgiError,
  type ForeignProtocol,
} from './errors.js';
export type {
  ScgiErrorCode,
  ScgiLimitErrorCode,
  ScgiProtocolErrorCode,
  ScgiUsageErrorCode,
} from './codes.js';
