/**
 * A parser of CGI responses written by hand, as one would without a library: the floor for reading responses.
 *
 * It takes bytes that are cut anywhere, and checks what every parser must: lines are fields, names are tokens, nothing has control
 * characters; the status and the length are valid, and there is one of each; the head is not too long. It has no codes for errors and
 * no offsets, and its limit is fixed.
 */
const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const DEL = 0x7f;
const MAX_HEAD_BYTES = 65_536;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const STATUS_LINE = /^HTTP\/[0-9]\.[0-9] +/;
const STATUS = /^[2-9][0-9]{2}(?: |$)/;
const DIGITS = /^[0-9]+$/;

export class BareResponseParser {
  status = 0;
  statusText = '';
  fields = undefined;
  /** Bytes of the body that are missing; `Infinity` when it ends with the connection. */
  remaining = Infinity;
  /** The beginning of a head that is cut: the first `length` bytes. */
  head = undefined;
  length = 0;
  lineStart = 0;

  /** @param method - of the request: the answer to HEAD has no body. */
  constructor(method = 'GET') {
    this.method = method;
  }

  get complete() {
    return this.remaining === 0;
  }

  /** Takes a chunk, and gives what it has of the body to `body`. */
  push(chunk, body) {
    const start = this.fields === undefined ? this.pushHead(chunk) : 0;
    const end = Math.min(chunk.length, start + this.remaining);
    if (start >= end) return;
    this.remaining -= end - start;
    body(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
  }

  /** The connection has ended. */
  end() {
    if (this.fields === undefined || (this.remaining > 0 && this.remaining !== Infinity))
      throw new Error('cut short');
    this.remaining = 0;
  }

  /** @returns where the body begins in the chunk. */
  pushHead(chunk) {
    const before = this.length;
    const bytes = before === 0 ? chunk : this.collect(chunk);
    const end = this.endOfHead(bytes, before, before + chunk.length);
    if (end > MAX_HEAD_BYTES || (end < 0 && before + chunk.length > MAX_HEAD_BYTES))
      throw new Error('the head is too long');
    if (end >= 0) {
      this.parse(bytes.latin1Slice(0, end));
      return end - before;
    }
    if (before === 0) this.collect(chunk);
    return chunk.length;
  }

  /** One buffer that doubles: chunks may be as short as a byte. */
  collect(chunk) {
    const length = this.length + chunk.length;
    if (this.head === undefined || length > this.head.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      this.head?.copy(larger, 0, 0, this.length);
      this.head = larger;
    }
    chunk.copy(this.head, this.length);
    this.length = length;
    return this.head;
  }

  /**
   * One loop over the bytes: a search for each line, and another look for control characters, cost more.
   *
   * @returns the position behind the empty line, or -1.
   */
  endOfHead(bytes, before, length) {
    // A CR at the end of what came before has been waiting for its LF.
    for (let at = Math.max(0, before - 1); at < length; at++) {
      const byte = bytes[at];
      if (byte >= SPACE && byte !== DEL) continue;
      if (byte === LF) {
        if (at === this.lineStart || (at === this.lineStart + 1 && bytes[at - 1] === CR)) return at + 1;
        this.lineStart = at + 1;
      } else if (byte !== TAB && (byte !== CR || (at + 1 < length && bytes[at + 1] !== LF))) {
        throw new Error('a control character');
      }
    }
    return -1;
  }

  parse(text) {
    const fields = [];
    let status;
    let length;
    let hasLocation = false;
    for (let at = 0, next; at < text.length; at = next) {
      const lf = text.indexOf('\n', at);
      next = lf + 1;
      const end = text.charCodeAt(lf - 1) === CR ? lf - 1 : lf;
      if (end <= at) break;
      if (at === 0 && STATUS_LINE.test(text)) {
        status = text.slice(text.indexOf(' '), end).trimStart();
        continue;
      }
      const colon = text.indexOf(':', at);
      if (colon < 0 || colon >= end) throw new Error('a line without a colon');
      const name = text.slice(at, colon);
      if (!TOKEN.test(name)) throw new Error('a name that is no token');
      const value = trimmed(text, colon + 1, end);
      switch (name.toLowerCase()) {
        case 'status':
          if ((status ?? value) !== value) throw new Error('two statuses');
          status = value;
          continue;
        case 'content-length':
          if (!DIGITS.test(value) || (length ?? value) !== value) throw new Error('an invalid length');
          if (length === undefined) fields.push([name, value]);
          length = value;
          continue;
        case 'location':
          hasLocation = true;
      }
      fields.push([name, value]);
    }
    if (status === undefined && fields.length === 0) throw new Error('an empty head');
    status ??= hasLocation ? '302' : '200';
    if (!STATUS.test(status)) throw new Error('an invalid status');
    this.status = Number(status.slice(0, 3));
    this.statusText = status.slice(4).trimStart();
    if (this.method === 'HEAD' || this.status === 204 || this.status === 304) this.remaining = 0;
    else if (length !== undefined) this.remaining = Number(length);
    if (this.remaining !== Infinity && !Number.isSafeInteger(this.remaining))
      throw new Error('an invalid length');
    this.fields = fields;
  }
}

function trimmed(text, start, end) {
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code) {
  return code === SPACE || code === TAB;
}
