/** What goes wrong on the outgoing side, between a gateway of ours and an application. */

export type GatewayErrorCode =
  /** No CGI response: a fault in its head. */
  | 'ERR_SCGI_RESPONSE_HEAD'
  | 'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE'
  /** The application closed the connection without a word. */
  | 'ERR_SCGI_EMPTY_RESPONSE'
  /** The response broke off. */
  | 'ERR_SCGI_RESPONSE_TRUNCATED'
  /** The application is not there, or the connection to it was lost before its response. */
  | 'ERR_SCGI_APPLICATION_GONE'
  /** The client's body, of unknown length, is longer than what is held to count it. */
  | 'ERR_SCGI_BODY_TOO_LARGE';

export class GatewayError extends Error {
  override readonly name = 'GatewayError';

  constructor(
    readonly code: GatewayErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  /** What the client is told, where its response has not begun. */
  get status(): number {
    return this.code === 'ERR_SCGI_BODY_TOO_LARGE' ? 413 : 502;
  }
}
