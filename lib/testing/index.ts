/**
 * Requests and responses without a gateway, for tests in virtual time.
 *
 * @module rxscgi/testing
 */
export { requestBytes, type TestRequest } from './request-bytes.js';
export { responseOf, type TestResponse, type TestResponseHead } from './response-of.js';
export { callHandler, streamHandler, type CallOptions } from './call-handler.js';
export { cut, everyCut, textOf } from './bytes.js';
export { scgiScheduler } from './scgi-scheduler.js';
