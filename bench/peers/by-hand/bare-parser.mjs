/**
 * An SCGI parser written by hand, as one would without a library: the floor for the decoder. It takes bytes that are cut
 * anywhere, finds the variables, and checks `SCGI` and `CONTENT_LENGTH`.
 */
const COLON = 0x3a;
const COMMA = 0x2c;
const DIGIT_0 = 0x30;
const MAX_HEAD_BYTES = 16 * 1024 * 1024;

export class BareParser {
  variables = undefined;
  contentLength = 0;
  /** Bytes of the body that are missing. */
  remaining = 0;
  length = 0;
  block = undefined;
  filled = 0;

  /** Takes a chunk. @returns the position of the body in it, or -1 while the head is not complete. */
  push(chunk) {
    let position = 0;
    if (this.block === undefined) {
      for (; ; position++) {
        if (position === chunk.length) return -1;
        const byte = chunk[position];
        if (byte === COLON) break;
        this.length = this.length * 10 + (byte - DIGIT_0);
        if (!(byte >= DIGIT_0 && byte < COLON) || this.length > MAX_HEAD_BYTES) throw new Error('bad length');
      }
      position++;
      const end = position + this.length;
      if (chunk.length > end) {
        this.parse(chunk, position, end);
        return end + 1;
      }
      // An incomplete block is collected in one buffer of the right size, with its comma.
      this.block = Buffer.allocUnsafe(this.length + 1);
    }
    const missing = this.length + 1 - this.filled;
    if (chunk.length - position >= missing) {
      chunk.copy(this.block, this.filled, position, position + missing);
      this.parse(this.block, 0, this.length);
      return position + missing;
    }
    this.collect(chunk, position);
    return -1;
  }

  collect(chunk, position) {
    this.filled += chunk.copy(this.block, this.filled, position);
  }

  parse(bytes, start, end) {
    if (bytes[end] !== COMMA) throw new Error('no comma');
    const text = bytes.latin1Slice(start, end);
    const variables = new Map();
    for (let nameStart = 0; nameStart < text.length;) {
      const nameEnd = text.indexOf('\0', nameStart);
      const valueEnd = text.indexOf('\0', nameEnd + 1);
      if (valueEnd < 0) throw new Error('a name without a value');
      variables.set(text.slice(nameStart, nameEnd), text.slice(nameEnd + 1, valueEnd));
      nameStart = valueEnd + 1;
    }
    if (variables.get('SCGI') !== '1') throw new Error('no SCGI');
    this.contentLength = this.remaining = Number(variables.get('CONTENT_LENGTH'));
    if (!(this.contentLength >= 0)) throw new Error('no CONTENT_LENGTH');
    this.variables = variables;
  }
}

/** The same, optimised for input that arrives byte by byte, which only a benchmark needs. */
export class ByteParser extends BareParser {
  collect(chunk, position) {
    if (position === 0 && chunk.length === 1) this.block[this.filled++] = chunk[0];
    else super.collect(chunk, position);
  }
}
