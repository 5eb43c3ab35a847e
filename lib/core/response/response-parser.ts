/**
 * Reads one CGI response: bytes in, calls of a sink out. RFC 3875 §6.
 *
 *     head ──an empty line──▶ body ──all of it, or the end of the input──▶ done
 *       └───────────────────────┴───────────── a fault ─────────────────▶ failed
 *
 * Pure, and the same for every way to cut the bytes. Lines end in LF or CRLF. Each is checked as it comes.
 */
import { ScgiLimitError, ScgiProtocolError } from '../errors/errors.js';
import type { IncomingResponseHead } from '../events.js';
import { decodeLatin1, isBytes } from '../text/latin1.js';
import { notBytes, reentrant } from '../errors/wrong-pushes.js';
import { BlockCollector } from '../request/block-collector.js';
import { IS_TOKEN, trimmed } from '../headers/field-line.js';
import { ResponseHeadParser } from './response-head-parser.js';
import { WITHOUT_BODY } from './response-head.js';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const DEL = 0x7f;

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
  private pushing = false;

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
   * Counts bytes of the body that are still to come, and never its last one. The sink is not given them: the caller has them.
   *
   * @param most - how many at most.
   * @returns how many; 0 outside the body.
   */
  countAhead(most: number): number {
    if (this.state !== 'body') return 0;
    const { bodyRemaining } = this;
    const ahead = bodyRemaining === undefined ? most : Math.min(most, bodyRemaining - 1);
    if (bodyRemaining !== undefined) this.bodyRemaining = bodyRemaining - ahead;
    this.consumed += ahead;
    return ahead;
  }

  /** Takes back bytes that were counted and have not come. */
  uncount(bytes: number): void {
    if (this.bodyRemaining !== undefined) this.bodyRemaining += bytes;
    this.consumed -= bytes;
  }

  /**
   * Takes a chunk. What comes after the end of the response is dropped.
   *
   * @throws ScgiProtocolError ERR_SCGI_RESPONSE_HEAD
   * @throws ScgiLimitError ERR_SCGI_RESPONSE_HEAD_TOO_LARGE
   * @throws ScgiUsageError ERR_SCGI_REENTRANT when the sink calls it.
   */
  push(chunk: Uint8Array): void {
    if (this.pushing) this.refuseReentrance();
    if (!isBytes(chunk)) throw notBytes(chunk);
    this.pushBytes(chunk);
  }

  /** Takes what is known to be bytes, and does not come from the sink. */
  pushBytes(chunk: Uint8Array): void {
    this.pushing = true;
    try {
      const bodyStart = this.state === 'head' ? this.readHead(chunk) : 0;
      if (this.state === 'body' && bodyStart < chunk.length) this.readBody(chunk, bodyStart);
    } catch (fault) {
      this.stop();
      throw fault;
    } finally {
      this.consumed += chunk.length;
      this.pushing = false;
    }
  }

  /**
   * The input has ended.
   *
   * @throws ScgiProtocolError ERR_SCGI_EMPTY_RESPONSE when nothing came, ERR_SCGI_RESPONSE_TRUNCATED when it was not all.
   */
  end(): void {
    if (this.finished) return;
    if (this.pushing) this.refuseReentrance();
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

  private refuseReentrance(): void {
    if (this.finished) return;
    this.stop();
    throw reentrant();
  }

  /** @returns where the body begins in the chunk. */
  private readHead(chunk: Uint8Array): number {
    const { maxResponseHeadBytes } = this.limits;
    let start = this.line ? this.endCutLine(chunk, this.line) : 0;
    if (this.state === 'head') {
      const { end, areFields } = linesOf(chunk, start);
      if (end > start) start = this.takeLines(decodeLatin1(chunk, start, end), start, areFields);
    }
    if (this.state === 'head' && start < chunk.length) {
      if (this.consumed + chunk.length > maxResponseHeadBytes) throw tooLarge(maxResponseHeadBytes);
      (this.line ??= new BlockCollector(maxResponseHeadBytes)).take(chunk, start);
    }
    return start;
  }

  /** Takes the line that was cut, if it ends in this chunk. @returns where the next line begins. */
  private endCutLine(chunk: Uint8Array, line: BlockCollector): number {
    const end = chunk.indexOf(LF) + 1;
    if (end === 0) return 0;
    const { maxResponseHeadBytes } = this.limits;
    if (this.consumed + end > maxResponseHeadBytes) throw tooLarge(maxResponseHeadBytes);
    const before = line.length;
    this.line = undefined;
    line.take(chunk.subarray(0, end), 0);
    this.takeLines(decodeLatin1(line.finish(), 0, line.length), -before, false);
    return end;
  }

  /**
   * Takes whole lines, decoded at once.
   *
   * @param start - where they begin in the chunk.
   * @param areFields - whether they are known to be fields without control characters.
   * @returns where the next line begins, or the body.
   */
  private takeLines(text: string, start: number, areFields: boolean): number {
    const { head } = this;
    const { maxResponseHeadBytes } = this.limits;
    const base = this.consumed + start;
    let next = 0;
    while (next < text.length && this.state === 'head') {
      const begin = next;
      const lineEnd = text.indexOf('\n', begin);
      next = lineEnd + 1;
      if (base + next > maxResponseHeadBytes) throw tooLarge(maxResponseHeadBytes);
      const end = text.charCodeAt(lineEnd - 1) === CR && lineEnd > begin ? lineEnd - 1 : lineEnd;
      if (end === begin) this.endHead(base + begin);
      else if (areFields) this.takeField(text, begin, end, base + begin);
      else head.takeLine(text.slice(begin, end), base + begin);
    }
    return start + next;
  }

  private takeField(text: string, begin: number, end: number, offset: number): void {
    const colon = text.indexOf(':', begin);
    this.head.takeField(text.slice(begin, colon), trimmed(text, colon + 1, end), offset);
  }

  /** The empty line has come. */
  private endHead(offset: number): void {
    const { head } = this;
    const found = head.finish(offset);
    const isBodiless = this.limits.requestMethod === 'HEAD' || WITHOUT_BODY.has(found.status);
    this.bodyRemaining = isBodiless ? 0 : head.contentLength;
    this.state = 'body';
    this.sink.responseHeaders(found, this.bodyRemaining, head.localRedirect);
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

/**
 * Finds the whole lines of the head, and checks them. One loop: a call for each line costs more, and so does another look at each.
 *
 * @returns where they end, at the empty line or before a line that is cut, and whether all are fields without control characters.
 */
function linesOf(chunk: Uint8Array, start: number): { readonly end: number; readonly areFields: boolean } {
  const { length } = chunk;
  let end = start;
  let areFields = true;
  for (let at = start; at < length; at++) {
    // The name, and what comes after it.
    while (at < length && IS_TOKEN[chunk[at] as number] === 1) at++;
    const hasName = at > end && chunk[at] === COLON;
    for (let byte; at < length && (byte = chunk[at] as number) !== LF; at++) {
      if (byte >= SPACE && byte !== DEL) continue;
      if (byte !== TAB && (byte !== CR || chunk[at + 1] !== LF)) areFields = false;
    }
    if (at === length) break;
    const isEmpty = at === end || (at === end + 1 && chunk[end] === CR);
    end = at + 1;
    if (isEmpty) break;
    areFields &&= hasName;
  }
  return { end, areFields };
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
