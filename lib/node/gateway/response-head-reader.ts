/** Reads the head of a CGI response, as it comes from an application, cut anywhere. RFC 3875 §6. */
import { splitFieldLine } from '../../core/field-line.js';
import { decodeLatin1 } from '../../core/latin1.js';
import { quoted } from '../../core/quoted.js';
import { GatewayError } from './gateway-error.js';

/** What an application says before its body. */
export interface ResponseHead {
  readonly status: number;
  /** `undefined` where the application gave none. */
  readonly reason: string | undefined;
  /** Names and values in turn, in their order: what is meant for the client. */
  readonly fields: readonly string[];
  readonly contentLength: number | undefined;
}

const DEFAULT_MAX_HEAD_BYTES = 65_536;
/** CRLF CRLF. */
const EMPTY_LINE_BYTES = 4;
const END_OF_HEAD = /\r?\n\r?\n/g;
const STATUS = /^([2-9][0-9]{2})(?: +(.*))?$/;
/** NPH: as uWSGI answers, with a status line of HTTP. */
const STATUS_LINE = /^HTTP\/[0-9.]+ +(.*)$/;
const PLAIN = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What speaks of one connection is between us and the client. RFC 9110 §7.6.1 */
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Collects chunks until the empty line, which LF or CRLF may end. */
export class ResponseHeadReader {
  private text = '';

  constructor(private readonly maxHeadBytes = DEFAULT_MAX_HEAD_BYTES) {}

  /** Whether nothing has come so far. */
  get empty(): boolean {
    return this.text === '';
  }

  /**
   * Takes a chunk.
   *
   * @returns the head and what follows it in this chunk; `undefined` while there is no empty line.
   * @throws GatewayError ERR_SCGI_RESPONSE_HEAD when it is no CGI response, ERR_SCGI_RESPONSE_HEAD_TOO_LARGE.
   */
  push(chunk: Uint8Array): { readonly head: ResponseHead; readonly rest: Uint8Array } | undefined {
    const before = this.text.length;
    const mostBytes = this.maxHeadBytes + EMPTY_LINE_BYTES;
    // Only as much of the chunk as can still be head.
    this.text += decodeLatin1(chunk, 0, Math.min(chunk.length, mostBytes));
    // The empty line may have begun in the chunk before.
    END_OF_HEAD.lastIndex = Math.max(0, before - 3);
    const end = END_OF_HEAD.exec(this.text);
    if (!end || end.index > this.maxHeadBytes) {
      if (!end && this.text.length < mostBytes) return undefined;
      throw new GatewayError(
        'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE',
        `the head of the response is longer than ${this.maxHeadBytes} bytes`,
      );
    }
    const head = parseHead(this.text.slice(0, end.index));
    return { head, rest: chunk.subarray(END_OF_HEAD.lastIndex - before) };
  }
}

function parseHead(text: string): ResponseHead {
  const lines = text.split(/\r?\n/);
  const statusLine = STATUS_LINE.exec(lines[0] as string);
  if (statusLine) lines.shift();
  const fields: string[] = [];
  let status = statusLine?.[1];
  let redirect = false;
  let contentLength: number | undefined;
  for (const line of lines) {
    const field = splitFieldLine(line);
    if (!field || !PLAIN.test(line)) throw fault(`${quoted(line)} is no header field`);
    const [name, value] = field;
    switch (name.toLowerCase()) {
      case 'status':
        status = value;
        continue;
      case 'content-length':
        if (contentLength === (contentLength = parseLength(value, contentLength))) continue;
        break;
      case 'location':
        redirect = true;
        break;
      default:
        if (NOT_FORWARDED.has(name.toLowerCase())) continue;
    }
    fields.push(name, value);
  }
  return { ...parseStatus(status ?? (redirect ? '302' : '200')), fields, contentLength };
}

function parseStatus(text: string): { readonly status: number; readonly reason: string | undefined } {
  const match = STATUS.exec(text);
  if (!match || !PLAIN.test(text)) throw fault(`${quoted(text)} is no status`);
  return { status: Number(match[1]), reason: match[2] || undefined };
}

function parseLength(text: string, before: number | undefined): number {
  const length = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(length) || (before ?? length) !== length) {
    throw fault(`Content-Length: ${quoted(text)} is no length, or not the only one`);
  }
  return length;
}

function fault(message: string): GatewayError {
  return new GatewayError('ERR_SCGI_RESPONSE_HEAD', message);
}
