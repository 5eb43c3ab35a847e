/**
 * Reads one SCGI request: bytes in, calls of a sink out. SCGI §3 and §4.
 *
 *     length ──':'──▶ headers ──all of them──▶ comma ──','──▶ body ──all of it──▶ done
 *        └──────────────┴───────────────────────┴──────────────┴── a fault ──▶ failed ◀── more bytes ── done
 *
 * Pure: no I/O, no clock, no RxJS. The sink is called as soon as an event is found, so that the events before a fault are
 * delivered before it, and nothing depends on how the bytes are cut.
 */
import { BlockCollector } from './block-collector.js';
import { ScgiProtocolError } from '../errors/errors.js';
import { notBytes, reentrant } from '../errors/wrong-pushes.js';
import { isBytes } from '../text/latin1.js';
import type { HeaderBlock, MetaVariables } from '../headers/meta-variables.js';
import { COLON, appendDigit, badLength, showByte } from './netstring-length.js';
import type { ReaderLimits } from '../options.js';
import { readRequestHead } from './request-head.js';

const COMMA = 0x2c;

/** Receives the events of a request. A sink may call {@link RequestParser.stop} from any of them. */
export interface RequestSink {
  /** The headers are complete; `contentLength` bytes of body follow. */
  requestHeaders(variables: MetaVariables, contentLength: number): void;
  /** Part of the body, never empty: a view of the chunk it came in. */
  requestBody(data: Uint8Array): void;
  /** The request is complete. */
  requestEnd(): void;
  /** Bytes came after the request, and were dropped. Called once, at the first of them, even after `stop`. */
  requestSurplus?(surplus: ScgiProtocolError): void;
}

type State = 'length' | 'headers' | 'comma' | 'body' | 'dropping' | 'done' | 'failed';

/** A parser for one request: `push` chunks, then `end`. After the end or a fault, more bytes are dropped. */
export class RequestParser {
  private state: State = 'length';
  /** Bytes of the connection before the chunk at hand. */
  private consumed = 0;
  private announced: number | undefined;
  private collector: BlockCollector | undefined;
  /** In the chunk that it came in, or in the collected bytes. */
  private block: HeaderBlock | undefined;
  private blockOffset = 0;
  private bodyRemaining = 0;
  private pushing = false;

  constructor(
    private readonly limits: ReaderLimits,
    private readonly sink: RequestSink,
  ) {}

  /** Bytes received so far. */
  get bytesRead(): number {
    return this.consumed;
  }

  /** Whether the request is complete or has failed. */
  get finished(): boolean {
    return this.state === 'dropping' || this.state === 'done' || this.state === 'failed';
  }

  /** Reads no further: the rest of the request is dropped without an event. */
  stop(): void {
    // Where the request ends is known within its body: what comes after that is still told.
    if (this.state === 'body') this.state = this.bodyRemaining > 0 ? 'dropping' : 'done';
    else if (this.state !== 'dropping' && this.state !== 'done') this.state = 'failed';
    this.collector = this.block = undefined;
  }

  /**
   * Counts bytes of the body that are still to come, and never its last one. The sink is not given them: the caller has them.
   *
   * @param most - how many at most.
   * @returns how many; 0 outside the body.
   */
  countAhead(most: number): number {
    if (this.state !== 'body') return 0;
    const ahead = Math.min(most, this.bodyRemaining - 1);
    this.bodyRemaining -= ahead;
    this.consumed += ahead;
    return ahead;
  }

  /** Takes back bytes that were counted and have not come. */
  uncount(bytes: number): void {
    this.bodyRemaining += bytes;
    this.consumed -= bytes;
  }

  /**
   * Takes a chunk of any size. The parser keeps views of it, so the caller must not change it afterwards.
   *
   * @throws ScgiProtocolError | ScgiLimitError at a fault, after the events before it.
   * @throws ScgiUsageError ERR_SCGI_REENTRANT when the sink calls it.
   * @throws TypeError for anything but bytes.
   */
  push(chunk: Uint8Array): void {
    if (this.pushing) this.refuseReentrance();
    if (!isBytes(chunk)) throw notBytes(chunk);
    this.pushBytes(chunk);
  }

  /** Takes what is known to be bytes, and does not come from the sink. */
  pushBytes(chunk: Uint8Array): void {
    const { collector } = this;
    if (collector !== undefined && chunk.length < collector.missing) {
      // More of the headers, and not the last of them: no sink is called that could throw, or push.
      collector.take(chunk, 0);
      this.consumed += chunk.length;
      return;
    }
    let position = 0;
    this.pushing = true;
    try {
      while (position < chunk.length) {
        switch (this.state) {
          case 'length':
            position = this.readLength(chunk, position);
            break;
          case 'headers':
            position = this.readHeaders(chunk, position);
            break;
          case 'comma':
            this.readComma(chunk[position] as number, this.consumed + position);
            position++;
            break;
          case 'body':
            position = this.readBody(chunk, position);
            break;
          case 'dropping':
            position += this.dropBody(chunk.length - position);
            break;
          case 'done':
            this.tellSurplus(this.consumed + position);
            position = chunk.length;
            break;
          case 'failed':
            position = chunk.length;
            break;
          default:
            this.state satisfies never;
        }
      }
    } catch (fault) {
      this.stop();
      throw fault;
    } finally {
      this.consumed += chunk.length;
      this.pushing = false;
    }
  }

  /**
   * Says that the input has ended.
   *
   * @throws ScgiProtocolError ERR_SCGI_PREMATURE_EOF unless the request is complete.
   */
  end(): void {
    if (this.finished) return;
    if (this.pushing) this.refuseReentrance();
    const missing =
      this.state === 'body' ? `, with ${this.bodyRemaining} bytes of body to come` : ', inside its head';
    const where = this.consumed === 0 ? ' before it began' : missing;
    this.stop();
    throw new ScgiProtocolError('ERR_SCGI_PREMATURE_EOF', `the request ended${where}`, this.consumed);
  }

  private refuseReentrance(): void {
    if (this.finished) return;
    this.stop();
    throw reentrant();
  }

  private readLength(chunk: Uint8Array, start: number): number {
    const { maxHeaderBytes } = this.limits;
    for (let position = start; position < chunk.length; position++) {
      const byte = chunk[position] as number;
      const offset = this.consumed + position;
      if (byte !== COLON) {
        this.announced = appendDigit(this.announced, byte, offset, maxHeaderBytes);
        continue;
      }
      if (this.announced === undefined) throw badLength(undefined, byte, offset);
      this.state = 'headers';
      this.blockOffset = offset + 1;
      return position + 1;
    }
    return chunk.length;
  }

  private readHeaders(chunk: Uint8Array, start: number): number {
    const size = this.announced as number;
    if (this.collector === undefined && chunk.length - start >= size) {
      // Usually the block is in one chunk: no copy, and no view, which would take a fifteenth of the whole time.
      this.block = { bytes: chunk, start, end: start + size, offset: this.blockOffset };
      this.state = 'comma';
      return start + size;
    }
    this.collector ??= new BlockCollector(size);
    const taken = this.collector.take(chunk, start);
    if (this.collector.missing === 0) {
      this.block = { bytes: this.collector.finish(), start: 0, end: size, offset: this.blockOffset };
      this.collector = undefined;
      this.state = 'comma';
    }
    return start + taken;
  }

  private readComma(byte: number, offset: number): void {
    if (byte !== COMMA) {
      throw new ScgiProtocolError(
        'ERR_SCGI_NETSTRING_TERMINATOR',
        `the netstring ends with ${showByte(byte)} instead of a comma: its length is wrong, or bytes were lost`,
        offset,
      );
    }
    const { variables, contentLength } = readRequestHead(this.block as HeaderBlock, this.limits);
    this.block = undefined;
    this.bodyRemaining = contentLength;
    this.state = 'body';
    this.sink.requestHeaders(variables, contentLength);
    this.endWhenComplete();
  }

  private readBody(chunk: Uint8Array, start: number): number {
    const end = Math.min(chunk.length, start + this.bodyRemaining);
    this.bodyRemaining -= end - start;
    this.sink.requestBody(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
    this.endWhenComplete();
    return end;
  }

  /** SCGI has one request per connection: a gateway that sends more has counted wrong. */
  private tellSurplus(offset: number): void {
    this.state = 'failed';
    this.sink.requestSurplus?.(
      new ScgiProtocolError(
        'ERR_SCGI_BODY_SURPLUS',
        'bytes came after the body and were dropped: CONTENT_LENGTH is too small, as when the web server inflates an ' +
          'upload (mod_deflate) and leaves its compressed length',
        offset,
      ),
    );
  }

  private dropBody(available: number): number {
    const dropped = Math.min(available, this.bodyRemaining);
    this.bodyRemaining -= dropped;
    if (this.bodyRemaining === 0) this.state = 'done';
    return dropped;
  }

  private endWhenComplete(): void {
    // The sink may have stopped the reader meanwhile.
    if (this.bodyRemaining > 0 || this.state !== 'body') return;
    this.state = 'done';
    this.sink.requestEnd();
  }
}
