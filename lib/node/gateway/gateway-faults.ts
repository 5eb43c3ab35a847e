/** The faults that a gateway finds itself, and the status that answers any fault. */
import { answeringStatus } from '../../core/errors/error-facts.js';
import { ScgiLimitError, ScgiProtocolError } from '../../core/errors/errors.js';
import { quoted } from '../../core/text/quoted.js';

/** How often the application may redirect a request locally. */
export const MAX_LOCAL_REDIRECTS = 10;

/** Returns the status that answers an error. */
export function statusOf(error: unknown): number {
  return answeringStatus(error) ?? 502;
}

export function notAllowed(authority: string): ScgiProtocolError {
  const message = `the host ${quoted(authority)} is not one of allowedHosts`;
  return new ScgiProtocolError('ERR_SCGI_HOST_NOT_ALLOWED', message, undefined);
}

export function tooManyRedirects(): ScgiLimitError {
  return new ScgiLimitError(
    'ERR_SCGI_LOCAL_REDIRECTS',
    `the application redirected the request locally more than ${MAX_LOCAL_REDIRECTS} times`,
    MAX_LOCAL_REDIRECTS,
    MAX_LOCAL_REDIRECTS + 1,
  );
}

/** Makes the error for a client that announces a body and does not send it. */
export function uploadTimeout(ms: number): ScgiLimitError {
  const message = `the client sent nothing of its body for uploadTimeoutMs, ${ms} ms`;
  return new ScgiLimitError('ERR_SCGI_BODY_TIMEOUT', message, ms, ms);
}

/** Makes the error for a client that takes nothing of its response. */
export function sendTimeout(ms: number): ScgiLimitError {
  const message = `the client took nothing of the response for sendTimeoutMs, ${ms} ms`;
  return new ScgiLimitError('ERR_SCGI_SEND_TIMEOUT', message, ms, ms);
}
