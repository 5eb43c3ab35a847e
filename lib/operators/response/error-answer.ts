/** What the gateway is told of an error: its status and nothing else. */
import { encodeLatin1 } from '../../core/latin1.js';
import { isScgiError, type ScgiProtocolError } from '../../core/errors.js';
import { reasonPhraseOf } from '../../core/response/reason-phrases.js';
import type { ScgiResponse } from '../types.js';

/** Seconds after which a gateway may try again, when we were busy. */
const RETRY_AFTER_SECONDS = '1';

const HTTP_ANSWER_TEXT =
  'This port speaks SCGI, not HTTP: point scgi_pass at it, or browse to the web server.\n';

/** The status that answers an error; 500 for those that are none of ours. */
export function statusOf(error: unknown): number {
  return isScgiError(error) ? error.status : 500;
}

/** The answer to an error that came before the response's head. */
export function errorAnswer(error: unknown): ScgiResponse {
  const status = statusOf(error);
  const headers: Record<string, string> = { 'Content-Type': 'text/plain; charset=utf-8' };
  if (status === 503) headers['Retry-After'] = RETRY_AFTER_SECONDS;
  return { status, headers, body: `${reasonPhraseOf(status)}\n` };
}

/** Whether a person, or `proxy_pass`, spoke HTTP to the port, and should be answered so that they can read it. */
export function cameAsHttp(error: unknown): boolean {
  return isScgiError(error) && (error as ScgiProtocolError).foreignProtocol === 'http';
}

/** The whole answer to HTTP on the SCGI port. */
export function httpAnswer(): Uint8Array {
  return encodeLatin1(
    'HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n' +
      `Content-Length: ${HTTP_ANSWER_TEXT.length}\r\n\r\n${HTTP_ANSWER_TEXT}`,
  );
}
