/**
 * Reads the HTTP/1.1 response that Node.js writes. RFC 9112 §4, §6 and §7.
 *
 *     head ──▶ length ───────────────────────────▶ done
 *       ├────▶ until-end ──the end of the output──▶ done
 *       ├────▶ chunk-size ──▶ chunk-data ──▶ chunk-end ──▶ chunk-size …
 *       │           └── 0 ──▶ trailers ──────────▶ done
 *       └── no body ─────────────────────────────▶ done
 *
 * Pure. Informational responses (1xx) and trailers are dropped: SCGI has neither. What comes after the end is dropped.
 */
import { ScgiLimitError, ScgiProtocolError } from '../../core/errors/errors.js';
import { splitFieldLine } from '../../core/headers/field-line.js';
import { decodeLatin1 } from '../../core/text/latin1.js';
import { quoted } from '../../core/text/quoted.js';
import { isHopByHop } from '../../core/response/response-fields.js';

const LF = 0x0a;
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9][0-9]{2})(?: (.*))?$/;
const CHUNK_SIZE = /^([0-9a-f]{1,13})(?:;.*)?$/i;
const DIGITS = /^[0-9]{1,15}$/;
const CHUNKED = /(?:^|,)[ \t]*chunked[ \t]*$/i;

/** Bytes of a head, of trailers, or of a chunk's size, at most. Web servers take 4 to 64 KiB. */
const MAX_LINES_BYTES = 65_536;

/** The head of a response, without the fields about its connection. */
export interface HttpResponseHead {
  /** `404 Not Found` */
  readonly status: string;
  readonly headers: (readonly [name: string, value: string])[];
}

type State =
  'head' | 'length' | 'until-end' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers' | 'done';

export class HttpResponseReader {
  /** The final response's head, when all of it has come. */
  head: HttpResponseHead | undefined;
  private state: State = 'head';
  /** The beginning of a line that is cut. */
  private line = '';
  private linesBytes = 0;
  private status: RegExpExecArray | undefined;
  private headers: (readonly [name: string, value: string])[] = [];
  private contentLength: number | undefined;
  private chunked = false;
  /** Bytes to come: of the body or of the chunk. */
  private remaining = 0;
  private consumed = 0;
  private pieces: Uint8Array[] = [];

  /** @param requestMethod - the response to HEAD has no body. */
  constructor(private readonly requestMethod: string) {}

  /** Whether the response is complete. */
  get finished(): boolean {
    return this.state === 'done';
  }

  /** Bytes received so far. */
  get bytesRead(): number {
    return this.consumed;
  }

  /** The parts of the body that have come since the last call. */
  takePieces(): Uint8Array[] {
    const { pieces } = this;
    if (pieces.length > 0) this.pieces = [];
    return pieces;
  }

  /**
   * Takes what Node.js, or the application itself, has written.
   *
   * @throws ScgiProtocolError ERR_SCGI_RESPONSE_HEAD
   * @throws ScgiLimitError ERR_SCGI_RESPONSE_HEAD_TOO_LARGE
   */
  push(chunk: Uint8Array): void {
    let start = 0;
    while (start < chunk.length && this.state !== 'done') {
      start = isData(this.state) ? this.readData(chunk, start) : this.readLine(chunk, start);
    }
    this.consumed += chunk.length;
  }

  /** The output has ended. */
  end(): void {
    if (this.state === 'until-end') this.state = 'done';
  }

  private readData(chunk: Uint8Array, start: number): number {
    const end = this.state === 'until-end' ? chunk.length : Math.min(chunk.length, start + this.remaining);
    this.remaining -= end - start;
    this.pieces.push(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    if (this.remaining === 0) {
      if (this.state === 'length') this.state = 'done';
      else if (this.state === 'chunk-data') this.state = 'chunk-end';
    }
    return end;
  }

  private readLine(chunk: Uint8Array, start: number): number {
    const lineEnd = chunk.indexOf(LF, start);
    const end = lineEnd < 0 ? chunk.length : lineEnd + 1;
    this.linesBytes += end - start;
    if (this.linesBytes > MAX_LINES_BYTES) throw tooLarge(this.linesBytes);
    this.line += decodeLatin1(chunk, start, end);
    if (lineEnd >= 0) {
      const line = this.line.replace(/\r?\n$/, '');
      this.line = '';
      this.takeLine(line);
    }
    return end;
  }

  private takeLine(line: string): void {
    switch (this.state) {
      case 'head':
        this.takeHeadLine(line);
        break;
      case 'chunk-size':
        this.takeChunkSize(line);
        break;
      case 'chunk-end':
        if (line !== '') throw this.fault(`a chunk of the response is followed by ${quoted(line)}`);
        this.state = 'chunk-size';
        break;
      case 'trailers':
        if (line === '') this.state = 'done';
    }
  }

  private takeHeadLine(line: string): void {
    if (this.status === undefined) {
      const status = STATUS_LINE.exec(line);
      if (status === null) throw this.fault(`${quoted(line)} is not a status line`);
      this.status = status;
    } else if (line === '') {
      this.finishHead(this.status);
    } else {
      this.takeField(line);
    }
  }

  private takeField(line: string): void {
    const field = splitFieldLine(line);
    if (field === undefined) throw this.fault(`${quoted(line)} is not a header field`);
    const [name, value] = field;
    const lowerName = name.toLowerCase();
    if (lowerName === 'content-length') {
      if (!DIGITS.test(value)) throw this.fault(`the Content-Length ${quoted(value)} is not a length`);
      this.contentLength = Number(value);
    } else if (lowerName === 'transfer-encoding') {
      this.chunked = CHUNKED.test(value);
    }
    // In SCGI, a field `Status` is the status itself.
    if (!isHopByHop(lowerName) && lowerName !== 'status') this.headers.push(field);
  }

  private finishHead([, code = '', reason = '']: RegExpExecArray): void {
    const { headers, contentLength } = this;
    this.status = undefined;
    this.headers = [];
    this.linesBytes = 0;
    // Informational: another one follows.
    if (code.startsWith('1') && code !== '101') return;
    this.head = { status: reason === '' ? code : `${code} ${reason}`, headers };
    if (this.requestMethod === 'HEAD' || code === '204' || code === '304') this.state = 'done';
    else if (this.chunked) this.state = 'chunk-size';
    else if (contentLength === undefined) this.state = 'until-end';
    else this.state = contentLength === 0 ? 'done' : 'length';
    this.remaining = contentLength ?? 0;
  }

  private takeChunkSize(line: string): void {
    const size = CHUNK_SIZE.exec(line)?.[1];
    if (size === undefined) throw this.fault(`${quoted(line)} is not the size of a chunk`);
    this.remaining = Number.parseInt(size, 16);
    this.linesBytes = 0;
    this.state = this.remaining === 0 ? 'trailers' : 'chunk-data';
  }

  private fault(message: string): ScgiProtocolError {
    return new ScgiProtocolError('ERR_SCGI_RESPONSE_HEAD', message, this.consumed);
  }
}

function isData(state: State): boolean {
  return state === 'length' || state === 'chunk-data' || state === 'until-end';
}

function tooLarge(bytes: number): ScgiLimitError {
  return new ScgiLimitError(
    'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE',
    `the head of the response is longer than ${MAX_LINES_BYTES} bytes`,
    MAX_LINES_BYTES,
    bytes,
  );
}
