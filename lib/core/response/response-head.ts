/** Checks the head of a response, of any of the four kinds, and serializes it. RFC 3875 §6.2. */
import { ScgiUsageError } from '../errors/errors.js';
import type { ResponseHeadInit } from '../events.js';
import { quoted } from '../text/quoted.js';
import { wholeNumber } from '../text/whole-number.js';
import { checkedFields, invalid, type Field } from './response-fields.js';
import { checkedStatus } from './response-status.js';

const CRLF = '\r\n';

/** A path on this server. Browsers take `//host/path` for another host, and `/\host` too, even with tabs in between. */
export const LOCAL_PATH = /^\/(?!\t*[/\\])/;

/** Statuses whose responses have no body. RFC 9110 §15.3.5, §15.3.6, §15.4.5. */
export const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** A head as text (each character a byte), and what it promises about the body. */
export interface ResponseHead {
  readonly text: string;
  /** The status that the gateway sends to its client; 302 for a local redirect, too. */
  readonly status: number;
  /** What happens to body bytes: sent, dropped (HEAD, 204, 205, 304), or an error (local redirect). */
  readonly body: 'sent' | 'dropped' | 'forbidden';
  /** The exact number of body bytes, if promised and sent. */
  readonly contentLength: number | undefined;
}

/** What the writer knows besides the head itself. */
export interface HeadContext {
  /** The request's method: the answer to HEAD has no body. */
  readonly requestMethod?: string | undefined;
  /** The body's length in bytes, when all of it is at hand: becomes `Content-Length`. */
  readonly bodyLength?: number | undefined;
  /** Leaves hop-by-hop fields out instead of refusing them. */
  readonly dropHopByHop?: boolean | undefined;
  /** Begins with an HTTP status line instead of `Status`: the peer speaks HTTP, not SCGI. */
  readonly asHttp?: boolean | undefined;
}

/**
 * Checks and serializes a head: `Status`, `Content-Type`, the other fields in their order, an empty line.
 *
 * @throws ScgiUsageError ERR_SCGI_HEADER_HOP_BY_HOP | …_HEADER_INVALID | …_STATUS_INVALID | …_REDIRECT_HEADERS
 */
export function makeResponseHead(init: ResponseHeadInit, context: HeadContext): ResponseHead {
  const fields = checkedFields(init.headers, context.dropHopByHop);
  const location = fields.find(({ kind }) => kind === 'location')?.value;
  if (init.status === undefined && location !== undefined && LOCAL_PATH.test(location))
    return localRedirectHead(fields, location, context.bodyLength);
  const status = checkedStatus(init.status ?? (location === undefined ? 200 : 302));
  const { contentLength: promised, sendsFile } = singletonsOf(fields);
  const start = `${context.asHttp ? 'HTTP/1.0 ' : 'Status: '}${status.line}${CRLF}`;
  if (WITHOUT_BODY.has(status.code)) {
    const kept = promised === undefined ? fields : fields.filter(({ kind }) => kind !== 'content-length');
    // Unlike 204 and 304, a 205 says nothing about its end in HTTP: the length does. RFC 9112 §6.3.
    if (status.code === 205) kept.push(contentLengthField(0));
    return { text: headText(start, kept), status: status.code, body: 'dropped', contentLength: undefined };
  }
  if (context.asHttp) fields.push({ name: 'Connection', value: 'close', kind: undefined });
  const isHead = context.requestMethod === 'HEAD';
  const known = promised === undefined && !sendsFile ? context.bodyLength : undefined;
  // An answer to HEAD without a body does not tell the length that GET would give.
  if (known !== undefined && !(isHead && known === 0)) fields.push(contentLengthField(known));
  return {
    text: headText(start, fields),
    status: status.code,
    body: isHead ? 'dropped' : 'sent',
    // With a file, a length that the application gave is the file's, and the web server replaces the body.
    contentLength: isHead || sendsFile ? undefined : (promised ?? context.bodyLength),
  };
}

function localRedirectHead(fields: readonly Field[], location: string, bodyLength = 0): ResponseHead {
  if (fields.length > 1 || bodyLength > 0) throw redirectWithMore();
  const text = `Location: ${location}${CRLF}${CRLF}`;
  return { text, status: 302, body: 'forbidden', contentLength: undefined };
}

/** The error for a local redirect that carries anything besides its path. */
export function redirectWithMore(): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_REDIRECT_HEADERS',
    'a local redirect (Location: /path without a status) has neither other fields nor a body; ' +
      'give a status to send the path to the client instead',
  );
}

function headText(start: string, fields: readonly Field[]): string {
  let first = '';
  let others = '';
  for (const { name, kind, value } of fields) {
    if (kind === 'content-type') first = `${name}: ${value}${CRLF}`;
    else others += `${name}: ${value}${CRLF}`;
  }
  // Status first: CGI parsers need it before they judge the rest, and nginx mis-parsed heads that began otherwise.
  return `${start}${first}${others}${CRLF}`;
}

/**
 * Finds the fields that decide about the body.
 *
 * @throws ScgiUsageError ERR_SCGI_HEADER_INVALID when a field comes twice that must come once: gateways disagree about
 * which one counts.
 */
function singletonsOf(fields: readonly Field[]): { contentLength: number | undefined; sendsFile: boolean } {
  let contentLength: number | undefined;
  let hasType = false;
  let hasLocation = false;
  let sendsFile = false;
  for (const { name, kind, value } of fields) {
    switch (kind) {
      case 'content-type':
        if (hasType) throw invalid(`${name} comes twice`);
        hasType = true;
        break;
      case 'location':
        if (hasLocation) throw invalid(`${name} comes twice`);
        hasLocation = true;
        break;
      case 'content-length':
        if (contentLength !== undefined) throw invalid(`${name} comes twice`);
        contentLength = wholeNumber(value);
        if (contentLength === undefined)
          throw invalid(`${name} must be a whole number of bytes, not ${quoted(value)}`);
        break;
      case 'sends-file':
        sendsFile = true;
        break;
      default:
        kind satisfies undefined;
    }
  }
  return { contentLength, sendsFile };
}

function contentLengthField(length: number): Field {
  return {
    name: 'Content-Length',
    value: String(length),
    kind: 'content-length',
  };
}
