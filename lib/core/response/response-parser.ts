/**
 * Reads one CGI response: bytes in, calls of a sink out. RFC 3875 §6.
 *
 *     head ──an empty line──▶ body ──all of it, or the end of the input──▶ done
 *       └───────────────────────┴───────────── a fault ─────────────────▶ failed
 *
 * Pure, and the same for every way to cut the bytes. Lines end in LF or CRLF. Each is checked as it comes.
 */
import { ScgiLimitError, ScgiProtocolError } from '../errors.js';
import type { IncomingResponseHead } from '../events.js';
import { decodeLatin1 } from '../latin1.js';
import { BlockCollector } from '../request/block-collector.js';
import { ResponseHeadParser } from './response-head-parser.js';

const LF = 0x0a;
const CR = 0x0d;

/** Receives the events of a response. A sink may call {@link ResponseParser.stop} from any of them. */
export interface ResponseSink {
  /**
   * @param bodyLength - `undefined` when the body ends with the input.
   * @param localRedirect - the path of a local redirect, if it is one.
   */
  responseHeaders(
    head: IncomingResponseHead,
    bodyLength: number | undefined,
    localRedirect: string | undefined,
  ): void;
  /** Part of the body, never empty: a view of the chunk it came in. */
  responseBody(data: Uint8Array): void;
  responseEnd(): void;
}

/** Verified options of a parser. */
export interface ResponseLimits {
  readonly maxResponseHeadBytes: number;
  /** The method of the request: the answer to HEAD has no body. */
  readonly requestMethod: string | undefined;
}

type State = 'head' | 'body' | 'done' | 'failed';

export class ResponseParser {
  private state: State = 'head';
  /** Bytes of the connection before the chunk at hand. */
  private consumed = 0;
  private readonly head = new ResponseHeadParser();
  /** The beginning of a line that is cut. */
  private line: BlockCollector | undefined;
  /** `undefined`: until the end of the input. */
  private bodyRemaining: number | undefined;

  constructor(
    private readonly limits: ResponseLimits,
    private readonly sink: ResponseSink,
  ) {}

  /** Bytes received so far. */
  get bytesRead(): number {
    return this.consumed;
  }

  /** Whether the response is complete, or never will be. */
  get finished(): boolean {
    return this.state === 'done' || this.state === 'failed';
  }

  /** Reads no further: whatever comes is dropped. */
  stop(): void {
    this.state = 'failed';
    this.line = undefined;
  }

  /**
   * Takes a chunk. What comes after the end of the response is dropped.
   *
   * @throws ScgiProtocolError ERR_SCGI_RESPONSE_HEAD
   * @throws ScgiLimitError ERR_SCGI_RESPONSE_HEAD_TOO_LARGE
   */
  push(chunk: Uint8Array): void {
    try {
      const bodyStart = this.readHead(chunk);
      if (this.state === 'body' && bodyStart < chunk.length) this.readBody(chunk, bodyStart);
    } catch (fault) {
      this.stop();
      throw fault;
    } finally {
      this.consumed += chunk.length;
    }
  }

  /**
   * The input has ended.
   *
   * @throws ScgiProtocolError ERR_SCGI_EMPTY_RESPONSE when nothing came, ERR_SCGI_RESPONSE_TRUNCATED when it was not all.
   */
  end(): void {
    if (this.finished) return;
    if (this.state === 'body' && this.bodyRemaining === undefined) {
      this.complete();
      return;
    }
    const { consumed, bodyRemaining } = this;
    this.stop();
    if (consumed === 0) {
      throw new ScgiProtocolError(
        'ERR_SCGI_EMPTY_RESPONSE',
        'the application closed the connection without a response',
        0,
      );
    }
    const where = bodyRemaining === undefined ? 'in its head' : `with ${bodyRemaining} bytes of body to come`;
    throw new ScgiProtocolError('ERR_SCGI_RESPONSE_TRUNCATED', `the response ended ${where}`, consumed);
  }

  /** @returns where the body begins in the chunk. */
  private readHead(chunk: Uint8Array): number {
    const { maxResponseHeadBytes } = this.limits;
    let start = 0;
    while (this.state === 'head' && start < chunk.length) {
      const lineEnd = chunk.indexOf(LF, start);
      const end = lineEnd < 0 ? chunk.length : lineEnd + 1;
      if (this.consumed + end > maxResponseHeadBytes) throw tooLarge(maxResponseHeadBytes);
      if (lineEnd < 0) {
        (this.line ??= new BlockCollector(maxResponseHeadBytes)).take(chunk, start);
      } else {
        const offset = this.consumed + start - (this.line?.length ?? 0);
        this.takeLine(this.textOfLine(chunk, start, lineEnd), offset);
      }
      start = end;
    }
    return start;
  }

  /** The text of a line that ends in this chunk, without LF or CRLF. */
  private textOfLine(chunk: Uint8Array, start: number, lineEnd: number): string {
    const { line } = this;
    if (line === undefined) return decodeLine(chunk, start, lineEnd);
    this.line = undefined;
    line.take(chunk.subarray(start, lineEnd), 0);
    return decodeLine(line.finish(), 0, line.length);
  }

  private takeLine(line: string, offset: number): void {
    if (line !== '') {
      this.head.takeLine(line, offset);
      return;
    }
    const head = this.head.finish(offset);
    const isBodiless = this.limits.requestMethod === 'HEAD' || head.status === 204 || head.status === 304;
    this.bodyRemaining = isBodiless ? 0 : this.head.contentLength;
    this.state = 'body';
    this.sink.responseHeaders(head, this.bodyRemaining, this.head.localRedirect);
    if (this.bodyRemaining === 0) this.complete();
  }

  private readBody(chunk: Uint8Array, start: number): void {
    const { bodyRemaining = chunk.length } = this;
    const end = Math.min(chunk.length, start + bodyRemaining);
    if (this.bodyRemaining !== undefined) this.bodyRemaining -= end - start;
    this.sink.responseBody(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    if (this.bodyRemaining === 0) this.complete();
  }

  private complete(): void {
    // The sink may have stopped the parser meanwhile.
    if (this.state !== 'body') return;
    this.state = 'done';
    this.sink.responseEnd();
  }
}

function decodeLine(bytes: Uint8Array, start: number, end: number): string {
  return decodeLatin1(bytes, start, end > start && bytes[end - 1] === CR ? end - 1 : end);
}

function tooLarge(limit: number): ScgiLimitError {
  return new ScgiLimitError(
    'ERR_SCGI_RESPONSE_HEAD_TOO_LARGE',
    `the head of the response is longer than maxResponseHeadBytes, ${limit} bytes`,
    limit,
    limit + 1,
    limit,
  );
}
