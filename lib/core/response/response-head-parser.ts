/** Parses the lines of a response's head. RFC 3875 §6.2 and §6.3, and the status line of NPH (§5). */
import { ScgiProtocolError } from '../errors/errors.js';
import type { IncomingResponseHead } from '../events.js';
import { splitFieldLine } from '../headers/field-line.js';
import { quoted } from '../text/quoted.js';
import { wholeNumber } from '../text/whole-number.js';
import { LOCAL_PATH } from './response-head.js';

const SPACE = 0x20;
/** As uWSGI's `--scgi-nph-socket` answers. */
const STATUS_LINE = /^HTTP\/[0-9]\.[0-9] +(.*)$/;
/** No control characters, such as NUL and a CR that no LF follows. */
const PLAIN = /^[\t\x20-\x7e\x80-\xff]*$/;

export class ResponseHeadParser {
  /** The length of the body, if the head says it. */
  contentLength: number | undefined;
  private readonly fields: (readonly [name: string, value: string])[] = [];
  private status: string | undefined;
  /** The number of the status. */
  private code: number | undefined;
  private hasLocation = false;

  /** The path of a local redirect, which has `Location` and nothing else. RFC 3875 §6.2.2 */
  get localRedirect(): string | undefined {
    if (!this.hasLocation || this.fields.length > 1 || this.status !== undefined) return undefined;
    const path = this.fields[0]?.[1] as string;
    return LOCAL_PATH.test(path) ? path : undefined;
  }

  private get isEmpty(): boolean {
    return this.fields.length === 0 && this.status === undefined;
  }

  /**
   * Takes a line, without its end.
   *
   * @throws ScgiProtocolError ERR_SCGI_RESPONSE_HEAD for what is no field, such as a folded line or a blank before the colon.
   */
  takeLine(line: string, offset: number): void {
    if (!PLAIN.test(line)) throw fault('a line of the head has a control character', offset);
    if (this.isEmpty) {
      const statusLine = STATUS_LINE.exec(line);
      if (statusLine) {
        this.takeStatus(statusLine[1] as string, offset);
        return;
      }
    }
    const field = splitFieldLine(line);
    if (field === undefined) throw fault(`${quoted(line)} is not a header field`, offset);
    this.takeField(field[0], field[1], offset);
  }

  /** Takes a line that is known to be a field. @throws ScgiProtocolError ERR_SCGI_RESPONSE_HEAD for what contradicts itself. */
  takeField(name: string, value: string, offset: number): void {
    // The length tells most names from these three without another string.
    if (name.length === 6 && name.toLowerCase() === 'status') {
      this.takeStatus(value, offset);
      return;
    }
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (!this.takeLength(value, offset)) return;
    } else if (name.length === 8 && name.toLowerCase() === 'location') this.hasLocation = true;
    this.fields.push([name, value]);
  }

  /**
   * The head, when its empty line has come.
   *
   * @throws ScgiProtocolError ERR_SCGI_RESPONSE_HEAD when there was nothing before the empty line.
   */
  finish(offset: number): IncomingResponseHead {
    if (this.isEmpty) throw fault('the head is empty', offset);
    const status = this.code ?? (this.hasLocation ? 302 : 200);
    const statusText = this.status?.slice(3).trimStart() ?? '';
    return { status, statusText, headers: this.fields };
  }

  private takeStatus(text: string, offset: number): void {
    const code = wholeNumber(text.slice(0, 3)) ?? 0;
    if (code < 200 || (text.length > 3 && text.charCodeAt(3) !== SPACE))
      throw fault(`${quoted(text)} is not a status`, offset);
    if (this.status !== undefined && this.status !== text) throw fault('the head has two statuses', offset);
    this.status = text;
    this.code = code;
  }

  /** @returns whether it is the first. */
  private takeLength(text: string, offset: number): boolean {
    const length = wholeNumber(text);
    const isFirst = this.contentLength === undefined;
    if (length === undefined || (this.contentLength ?? length) !== length)
      throw fault(`the Content-Length ${quoted(text)} is not a length, or not the only one`, offset);
    this.contentLength = length;
    return isFirst;
  }
}

function fault(message: string, offset: number): ScgiProtocolError {
  return new ScgiProtocolError('ERR_SCGI_RESPONSE_HEAD', message, offset);
}
