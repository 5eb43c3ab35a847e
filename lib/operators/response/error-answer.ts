/** Turns an error into the response that the gateway gets. */
import { answeringStatus, readProperty } from '../../core/errors/error-facts.js';
import { isScgiError, type ScgiProtocolError } from '../../core/errors/errors.js';
import { reasonPhraseOf } from '../../core/response/reason-phrases.js';
import { headersWith } from '../makers/response-makers.js';
import type { ScgiResponse } from '../types.js';

/** When an error occurred. */
export interface AnswerContext {
  /** Whether the head of the request had been read. Default true. */
  readonly requestReceived?: boolean | undefined;
}

/** Marks a response that goes out with an HTTP status line; registered, so that copies of the package agree. */
const AS_HTTP = Symbol.for('rxscgi.as-http');

/**
 * The property of an {@link HttpError} that has its header fields; registered, so that copies of the package agree. Their name alone
 * would not do: errors of HTTP clients have `headers`, which are those of the server that they have called.
 */
export const ANSWER_HEADERS = Symbol.for('rxscgi.answer-headers');

/** Seconds after which a gateway may try again when we are busy. */
const RETRY_AFTER_SECONDS = '1';

const TEXT = 'text/plain; charset=utf-8';

/**
 * Makes the response to an error that occurred before the head of a response: a status and its reason phrase. The error's message
 * is sent only when its property `expose` is true, as with {@link HttpError}.
 *
 *     source:                               --#
 *     encodeScgi({ answer: errorAnswer }):  --(e|)     e: the answer's bytes
 *
 * - The status is the `status` of the error, if that is a whole number from 400 to 599. Errors of this library have one.
 * - A `TimeoutError` of RxJS's `timeout` or of `AbortSignal.timeout` becomes 504, or 408 if the request was not complete.
 * - Everything else becomes 500.
 * - A 503 has a `Retry-After`, and an `HttpError` the `headers` that it was made with.
 * - HTTP on the SCGI port is answered in HTTP, with a sentence for the person who opened the port in a browser.
 *
 * @param error - any value; getters that throw do no harm.
 * @param context - what `encodeScgi` knows about the request; see {@link AnswerContext}.
 * @returns a response for `encodeScgi`.
 * @example
 * ```ts
 * import { encodeScgi, errorAnswer, HttpError } from 'rxscgi';
 * import { throwError } from 'rxjs';
 *
 * // A 404, whose text is its reason phrase.
 * throwError(() => new HttpError(404)).pipe(encodeScgi({ answer: errorAnswer })).subscribe();
 *
 * // A page of your own, with the status that errorAnswer chooses.
 * const answer = (error: unknown) => ({ ...errorAnswer(error), body: 'Sorry!\n' });
 * throwError(() => new Error()).pipe(encodeScgi({ answer })).subscribe();
 * ```
 */
export function errorAnswer(error: unknown, context?: AnswerContext): ScgiResponse {
  const requestReceived = context?.requestReceived ?? true;
  if (cameAsHttp(error)) return httpAnswer();
  const status = answeringStatus(error) ?? (isTimeout(error) ? (requestReceived ? 504 : 408) : 500);
  const defaults: [string, string][] = [['Content-Type', TEXT]];
  if (status === 503) defaults.push(['Retry-After', RETRY_AFTER_SECONDS]);
  const own = readProperty(error, ANSWER_HEADERS);
  const headers = Array.isArray(own)
    ? headersWith(defaults, own as [string, string][])
    : Object.fromEntries(defaults);
  return { status, headers, body: `${exposedMessage(error) ?? reasonPhraseOf(status)}\n` };
}

/** Whether a response goes out as HTTP. */
export function goesOutAsHttp(response: ScgiResponse): boolean {
  return AS_HTTP in response;
}

function httpAnswer(): ScgiResponse {
  const response = {
    [AS_HTTP]: true,
    status: 400,
    headers: { 'Content-Type': TEXT },
    body: 'This port speaks SCGI, not HTTP: point scgi_pass at it, or browse to the web server.\n',
  };
  return response;
}

function cameAsHttp(error: unknown): boolean {
  try {
    return isScgiError(error) && (error as ScgiProtocolError).foreignProtocol === 'http';
  } catch {
    return false;
  }
}

function isTimeout(error: unknown): boolean {
  return readProperty(error, 'name') === 'TimeoutError';
}

/** The message, when the error has a status of its own and wants the client to read it. */
function exposedMessage(error: unknown): string | undefined {
  if (answeringStatus(error) === undefined || readProperty(error, 'expose') !== true || isScgiError(error))
    return undefined;
  const message = readProperty(error, 'message');
  return typeof message === 'string' && message !== '' ? message : undefined;
}
