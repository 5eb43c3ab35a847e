/** An error that says with which status it is answered. */
import type { ResponseHeaders } from '../../core/events.js';
import { verifyOptionNames, type OptionNames } from '../../core/options.js';
import { reasonPhraseOf } from '../../core/response/reason-phrases.js';
import { checkedFields } from '../../core/response/response-fields.js';
import { quoted } from '../../core/text/quoted.js';
import { ANSWER_HEADERS } from '../response/error-answer.js';

/** Options of {@link HttpError}. */
export interface HttpErrorOptions {
  /** Whether the client reads the message. Default false: it reads the reason phrase of the status. */
  readonly expose?: boolean | undefined;
  /** What led to it, for the log. The client does not see it. */
  readonly cause?: unknown;
  /** Header fields of the answer: `Allow` for 405, `WWW-Authenticate` for 401, `Retry-After` for 429. */
  readonly headers?: ResponseHeaders | undefined;
}

const HTTP_ERROR: OptionNames<HttpErrorOptions> = { expose: true, cause: true, headers: true };

/**
 * An error with an HTTP status: a handler that fails with it is answered with that status.
 *
 *     throw new HttpError(404);
 *     throw new HttpError(422, 'the date is in the past', { expose: true });
 *     throw new HttpError(405, undefined, { headers: { Allow: 'GET, HEAD' } });
 *
 * @example
 * ```ts
 * import { HttpError, text, type ScgiHandler } from 'rxscgi';
 * import { of } from 'rxjs';
 *
 * export const handler: ScgiHandler = ({ path }) => {
 *   if (path !== '/') throw new HttpError(404);
 *   return of(text('Hello\n'));
 * };
 * ```
 */
export class HttpError extends Error {
  /** Always `HttpError`. */
  override readonly name = 'HttpError';
  /** A whole number, 400 to 599. */
  readonly status: number;
  /** Whether the client reads the message. */
  readonly expose: boolean;
  /** Header fields of the answer, if there are any. */
  readonly headers?: ResponseHeaders;

  /**
   * @param status - 400 to 599.
   * @param message - for the log; the reason phrase of the status by default.
   * @param options - what the client reads beside the status, and the cause; see {@link HttpErrorOptions}.
   * @throws RangeError when the status is not a whole number from 400 to 599.
   * @throws TypeError when the message is not a string, or an option is unknown.
   * @throws ScgiUsageError ERR_SCGI_HEADER_INVALID | ERR_SCGI_HEADER_HOP_BY_HOP for headers that cannot be sent.
   */
  constructor(status: number, message?: string, options: HttpErrorOptions = {}) {
    verifyOptionNames('HttpError', options, HTTP_ERROR);
    if (!Number.isInteger(status) || status < 400 || status > 599)
      throw new RangeError(`an HttpError has a status of 400 to 599, not ${quoted(status)}`);
    if (message !== undefined && typeof message !== 'string')
      throw new TypeError(`the message of an HttpError must be a string, not ${quoted(message)}`);
    super(message ?? reasonPhraseOf(status), 'cause' in options ? { cause: options.cause } : undefined);
    this.status = status;
    this.expose = options.expose === true;
    if (options.headers !== undefined)
      this.headers = checkedFields(options.headers).map(({ name, value }) => [name, value] as const);
  }

  /** @internal */
  get [ANSWER_HEADERS](): ResponseHeaders | undefined {
    return this.headers;
  }
}
