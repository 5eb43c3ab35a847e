/** Every error code with the status that answers it. docs/reference/errors.md has a section for each. */

/** Faults of the peer: it has sent something that the specification does not allow. */
export const PROTOCOL_STATUS = {
  ERR_SCGI_NETSTRING_LENGTH: 400,
  ERR_SCGI_NETSTRING_TERMINATOR: 400,
  ERR_SCGI_HEADERS_UNTERMINATED: 400,
  ERR_SCGI_HEADERS_ODD: 400,
  ERR_SCGI_HEADER_NAME_EMPTY: 400,
  ERR_SCGI_HEADER_DUPLICATE: 400,
  ERR_SCGI_VERSION_MISSING: 400,
  ERR_SCGI_VERSION_UNSUPPORTED: 400,
  ERR_SCGI_CONTENT_LENGTH_MISSING: 400,
  ERR_SCGI_CONTENT_LENGTH_INVALID: 400,
  ERR_SCGI_CONTENT_LENGTH_MISMATCH: 400,
  ERR_SCGI_CONTENT_LENGTH_POSITION: 400,
  ERR_SCGI_PREMATURE_EOF: 400,
  ERR_SCGI_BODY_SURPLUS: 400,
  ERR_SCGI_BODY_JSON: 400,
  ERR_SCGI_GATEWAY_GONE: 400,
  ERR_SCGI_CONNECT_FAILED: 502,
  ERR_SCGI_RESPONSE_HEAD: 502,
  ERR_SCGI_RESPONSE_TRUNCATED: 502,
  ERR_SCGI_EMPTY_RESPONSE: 502,
  ERR_SCGI_RESPONSE_JSON: 502,
  ERR_SCGI_HTTP_REQUEST: 400,
  ERR_SCGI_HTTP_TRANSFER_CODING: 501,
  ERR_SCGI_HOST_NOT_ALLOWED: 421,
} as const;

/** Our limits, when they are reached. */
export const LIMIT_STATUS = {
  ERR_SCGI_HEADERS_TOO_LARGE: 431,
  ERR_SCGI_TOO_MANY_HEADERS: 431,
  ERR_SCGI_BODY_TOO_LARGE: 413,
  ERR_SCGI_BODY_OVERFLOW: 413,
  ERR_SCGI_RESPONSE_OVERFLOW: 500,
  ERR_SCGI_RESPONSE_HEAD_TOO_LARGE: 502,
  ERR_SCGI_HEADERS_TIMEOUT: 408,
  ERR_SCGI_BODY_TIMEOUT: 408,
  ERR_SCGI_BODY_TOTAL_TIMEOUT: 408,
  ERR_SCGI_IDLE_TIMEOUT: 408,
  ERR_SCGI_HANDLER_TIMEOUT: 503,
  ERR_SCGI_SEND_TIMEOUT: 503,
  ERR_SCGI_TOO_MANY_CONNECTIONS: 503,
  ERR_SCGI_DRAIN_TIMEOUT: 503,
  ERR_SCGI_CONNECT_TIMEOUT: 504,
  ERR_SCGI_RESPONSE_HEAD_TIMEOUT: 504,
  ERR_SCGI_RESPONSE_BODY_TIMEOUT: 504,
  ERR_SCGI_UNREAD_TIMEOUT: 500,
  ERR_SCGI_TOO_MANY_CALLS: 503,
  ERR_SCGI_LOCAL_REDIRECTS: 502,
} as const;

/** Faults of the application itself. */
export const USAGE_STATUS = {
  ERR_SCGI_HEADER_HOP_BY_HOP: 500,
  ERR_SCGI_HEADER_INVALID: 500,
  ERR_SCGI_STATUS_INVALID: 500,
  ERR_SCGI_REDIRECT_HEADERS: 500,
  ERR_SCGI_EVENT_ORDER: 500,
  ERR_SCGI_BODY_LENGTH: 500,
  ERR_SCGI_BODY_USED: 500,
  ERR_SCGI_REENTRANT: 500,
  ERR_SCGI_BODY_TYPE: 500,
  ERR_SCGI_EVENT_INVALID: 500,
  ERR_SCGI_NO_RESPONSE: 500,
  ERR_SCGI_NO_FLOW: 500,
} as const;

/** The codes of `ScgiProtocolError`: faults of the peer. docs/reference/errors.md has a section for each. */
export type ScgiProtocolErrorCode = keyof typeof PROTOCOL_STATUS;
/** The codes of `ScgiLimitError`: limits that were reached. docs/reference/errors.md has a section for each. */
export type ScgiLimitErrorCode = keyof typeof LIMIT_STATUS;
/** The codes of `ScgiUsageError`: faults of the application. docs/reference/errors.md has a section for each. */
export type ScgiUsageErrorCode = keyof typeof USAGE_STATUS;
/** Every code of the library. docs/reference/errors.md has a section for each. */
export type ScgiErrorCode = ScgiProtocolErrorCode | ScgiLimitErrorCode | ScgiUsageErrorCode;
