/** An error that says with which status it is answered. */
import { verifyOptionNames, type OptionNames } from '../../core/options.js';
import { reasonPhraseOf } from '../../core/response/reason-phrases.js';

/** Options of {@link HttpError}. */
export interface HttpErrorOptions {
  /** Whether the client reads the message. Default false: it reads the reason phrase of the status. */
  readonly expose?: boolean | undefined;
  /** What led to it, for the log. The client does not see it. */
  readonly cause?: unknown;
}

const HTTP_ERROR: OptionNames<HttpErrorOptions> = { expose: true, cause: true };

/**
 * An error with an HTTP status: a handler that fails with it is answered with that status.
 *
 *     throw new HttpError(404);
 *     throw new HttpError(422, 'the date is in the past', { expose: true });
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

  /**
   * @param status - 400 to 599.
   * @param message - for the log; the reason phrase of the status by default.
   * @throws RangeError when the status is not a whole number from 400 to 599.
   */
  constructor(status: number, message?: string, options: HttpErrorOptions = {}) {
    verifyOptionNames('HttpError', options, HTTP_ERROR);
    if (!Number.isInteger(status) || status < 400 || status > 599)
      throw new RangeError(`an HttpError has a status of 400 to 599, not ${status}`);
    super(message ?? reasonPhraseOf(status), 'cause' in options ? { cause: options.cause } : undefined);
    this.status = status;
    this.expose = options.expose === true;
  }
}
