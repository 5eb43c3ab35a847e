/**
 * Less than one would use: finds the status, the fields and the body of a response that is cut anywhere, and checks hardly anything.
 */
const LF = 0x0a;
const CR = 0x0d;
const MAX_HEAD_BYTES = 65_536;

export class MinimalResponseParser {
  status = 0;
  statusText = '';
  fields = undefined;
  /** Bytes of the body that are missing; `Infinity` when it ends with the connection. */
  remaining = Infinity;
  bodyBytes = 0;
  head = undefined;

  get complete() {
    return this.remaining === 0;
  }

  /** Takes a chunk, and gives what it has of the body to `body`. */
  push(chunk, body) {
    let start = 0;
    if (this.fields === undefined) {
      const bytes = this.head === undefined ? chunk : Buffer.concat([this.head, chunk]);
      start = this.endOfHead(bytes);
      if (start < 0) {
        if (bytes.length > MAX_HEAD_BYTES) throw new Error('the head is too long');
        this.head = bytes;
        return;
      }
      this.parse(bytes.latin1Slice(0, start));
      chunk = bytes;
    }
    if (start === chunk.length) return;
    const end = Math.min(chunk.length, start + this.remaining);
    this.remaining -= end - start;
    this.bodyBytes += end - start;
    body(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
  }

  /** The connection has ended. */
  end() {
    if (this.fields === undefined || (this.remaining > 0 && this.remaining !== Infinity))
      throw new Error('cut short');
    this.remaining = 0;
  }

  endOfHead(bytes) {
    // What was searched before, but for the last bytes of it.
    let at = bytes.indexOf(LF, Math.max(0, (this.head?.length ?? 0) - 3));
    for (; at >= 0; at = bytes.indexOf(LF, at + 1)) {
      if (bytes[at + 1] === LF) return at + 2;
      if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
    }
    return -1;
  }

  parse(text) {
    const fields = [];
    for (const line of text.split('\n')) {
      if (line === '' || line === '\r') continue;
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error('a line without a colon');
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).trim();
      const lower = name.toLowerCase();
      if (lower === 'status') {
        this.status = Number(value.slice(0, 3));
        this.statusText = value.slice(4);
      } else {
        fields.push([name, value]);
        if (lower === 'content-length') this.remaining = Number(value);
      }
    }
    if (this.status === 0) this.status = 200;
    this.fields = fields;
  }
}
