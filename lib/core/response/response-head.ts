/** Makes the head of a response, of whichever of the four kinds, ready to go out. RFC 3875 §6.2. */
import { ScgiUsageError } from '../errors.js';
import type { ResponseHeadInit } from '../events.js';
import { checkedFields, type Field } from './response-fields.js';
import { checkedStatus, type Status } from './response-status.js';

const CRLF = '\r\n';
const DIGITS = /^[0-9]+$/;

/** What stays on this server: to browsers `//host/path` names another one, and so does `/\host`, with a tab inside or not. */
export const LOCAL_PATH = /^\/(?!\t*[/\\])/;

/** A head as text (each character a byte), and what it promises about the body. */
export interface ResponseHead {
  readonly text: string;
  /** What the gateway's client will see; 302 stands for a local redirect too, of which it sees nothing. */
  readonly status: number;
  /** What becomes of body bytes: sent, dropped (HEAD, 204, 304), or a fault (local redirect). */
  readonly body: 'sent' | 'dropped' | 'forbidden';
  /** The exact number of body bytes, if promised and sent. */
  readonly contentLength: number | undefined;
}

/** What the writer knows beside the event itself. */
export interface HeadContext {
  /** The request's method: the answer to HEAD has no body. */
  readonly requestMethod?: string | undefined;
  /** The body's length in bytes, when all of it is at hand: becomes `Content-Length`. */
  readonly bodyLength?: number | undefined;
}

/**
 * Checks and serializes a head: `Status`, `Content-Type`, the other fields in their order, an empty line.
 *
 * @throws ScgiUsageError ERR_SCGI_HEADER_HOP_BY_HOP | …_HEADER_INVALID | …_STATUS_INVALID | …_REDIRECT_HEADERS
 */
export function makeResponseHead(init: ResponseHeadInit, context: HeadContext): ResponseHead {
  const fields = checkedFields(init.headers);
  const location = fields.find(({ lowerName }) => lowerName === 'location')?.value;
  if (init.status === undefined && location !== undefined && LOCAL_PATH.test(location))
    return localRedirectHead(fields, context.bodyLength);
  const status = checkedStatus(init.status ?? (location === undefined ? 200 : 302));
  const promised = promisedLength(fields);
  if (status.code === 204 || status.code === 304) {
    const kept =
      promised === undefined ? fields : fields.filter(({ lowerName }) => lowerName !== 'content-length');
    return { text: headText(status, kept), status: status.code, body: 'dropped', contentLength: undefined };
  }
  const isHead = context.requestMethod === 'HEAD';
  const known = promised === undefined ? context.bodyLength : undefined;
  // An answer to HEAD without a body says nothing about the length that GET would give.
  if (known !== undefined && !(isHead && known === 0)) fields.push(contentLength(known));
  return {
    text: headText(status, fields),
    status: status.code,
    body: isHead ? 'dropped' : 'sent',
    contentLength: isHead ? undefined : (promised ?? context.bodyLength),
  };
}

function localRedirectHead(fields: readonly Field[], bodyLength = 0): ResponseHead {
  if (fields.length > 1 || bodyLength > 0) throw redirectWithMore();
  const text = `Location: ${(fields[0] as Field).value}${CRLF}${CRLF}`;
  return { text, status: 302, body: 'forbidden', contentLength: undefined };
}

/** The error for a local redirect that carries anything beside its path. */
export function redirectWithMore(): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_REDIRECT_HEADERS',
    'a local redirect (Location: /path without a status) has neither other fields nor a body; ' +
      'give a status to send the path to the client instead',
  );
}

function headText(status: Status, fields: readonly Field[]): string {
  let first = '';
  let others = '';
  for (const { name, lowerName, value } of fields) {
    if (first === '' && lowerName === 'content-type') first = `${name}: ${value}${CRLF}`;
    else others += `${name}: ${value}${CRLF}`;
  }
  // Status first: CGI parsers want it before they judge the rest, and nginx mis-parsed heads that began otherwise.
  return `Status: ${status.line}${CRLF}${first}${others}${CRLF}`;
}

function promisedLength(fields: readonly Field[]): number | undefined {
  let promised: number | undefined;
  for (const { lowerName, value } of fields) {
    if (lowerName !== 'content-length') continue;
    const length = DIGITS.test(value) ? Number(value) : NaN;
    if (promised !== undefined || !Number.isSafeInteger(length)) {
      throw new ScgiUsageError(
        'ERR_SCGI_HEADER_INVALID',
        `Content-Length must come once and be a whole number, not ${JSON.stringify(value)}`,
      );
    }
    promised = length;
  }
  return promised;
}

function contentLength(length: number): Field {
  return { name: 'Content-Length', lowerName: 'content-length', value: String(length) };
}
