/**
 * One exchange as the connection that `http.Server` takes: it reads the request in HTTP and writes the response in HTTP.
 *
 *     request.body ──pulled──▶ _read     http.Server     _write ──▶ HttpResponseReader ──▶ the ScgiResponse, and its body
 *
 * Both directions are braked: a chunk of the body is pulled when Node.js reads one, and a write is done when the gateway has taken it.
 */
import type { Subscriber } from 'rxjs';
import { ScgiProtocolError } from '../../core/errors/errors.js';
import { FlowState } from '../../operators/flow/flow.js';
import { RequestBody } from '../../operators/request/request-body.js';
import { pulledSource, type PulledSource } from '../../operators/response/response-source.js';
import type { ScgiRequest, ScgiResponse } from '../../operators/types.js';
import { ClientSocket } from './client-socket.js';
import { httpRequestHeadOf } from './http-request-head.js';
import { HttpResponseReader, type HttpResponseHead } from './http-response-reader.js';
import { ResponseChannel } from './response-channel.js';

type Callback = (error?: Error | null) => void;

/** Up to this size, the engine copies a body that has come whole. */
const COPIED_BYTES = 16_384;

/** How long an application may take to call `end()` after the last byte that it has announced. */
const END_GRACE_MS = 2000;

export class ExchangeSocket extends ClientSocket {
  private source: PulledSource | undefined;
  /** Bytes of the request that Node.js has read, as HTTP. */
  bytesRead = 0;
  private headRead = false;
  private readonly reader: HttpResponseReader;
  private responded = false;
  /** The body of the response, when that goes on after its head. */
  private body: ResponseChannel | undefined;
  /** Whether a response that has come whole is on its way, in the buffers of the application. */
  private sendingWhole = false;
  private readonly brake = new FlowState();
  /** The write whose bytes the gateway has not taken. */
  private waiting: Callback | undefined;
  private failure: { readonly error: unknown } | undefined;
  private graceTimer: NodeJS.Timeout | undefined;

  /** @param exchange - gets the response, or the error for which there is none. */
  constructor(
    scgiRequest: ScgiRequest,
    private readonly exchange: Subscriber<ScgiResponse>,
  ) {
    super(scgiRequest);
    this.reader = new HttpResponseReader(scgiRequest.method);
  }

  /**
   * Ends the exchange with an error of the application: it is answered, or cuts a response that has begun.
   *
   * @returns false when the response was complete already, which stays as it is.
   */
  fail(error: unknown): boolean {
    if (this.reader.finished) return false;
    this.failure ??= { error };
    this.destroy();
    return true;
  }

  /** The exchange is over, or nobody waits for it any more. */
  release(): void {
    this.sendingWhole = false;
    if (!this.reader.finished) {
      this.destroy();
      return;
    }
    // The gateway has all of the response, or never will: to Node.js, both are the end of the write.
    this.finishWrite();
    // It has come most often from inside `res.end()`: an application that is closed now would take it for cut.
    if (!this.destroyed) this.graceTimer = setTimeout(() => this.destroy(), END_GRACE_MS).unref();
  }

  /** Bytes of the response that Node.js has written, as HTTP. */
  get bytesWritten(): number {
    return this.reader.bytesRead;
  }

  /** Ends the connection after what was written; Node.js calls this behind the response. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Ends the connection in the middle of its response, as `destroy` does: that is cut either way. */
  resetAndDestroy(): this {
    return this.destroy();
  }

  // ---- Duplex: the request

  override _read(): void {
    this.progress();
    if (!this.headRead) {
      this.headRead = true;
      const head = httpRequestHeadOf(this.scgiRequest);
      this.bytesRead = head.length;
      this.push(head, 'latin1');
    } else if (this.scgiRequest.contentLength > 0) {
      this.source ??= this.openBody();
      this.source?.pull();
    }
  }

  /** Never ends the input: Node.js would take that for a client that has left. It counts the body by its length. */
  private openBody(): PulledSource | undefined {
    return pulledSource(this.scgiRequest.body, {
      next: (chunk) => {
        this.progress();
        this.bytesRead += chunk.length;
        this.push(chunk);
      },
      error: (error) => this.fail(error),
      complete: () => undefined,
    });
  }

  // ---- Duplex: the response

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, callback: Callback): void {
    this.takeWrites([chunk], callback);
  }

  override _writev(writes: readonly { chunk: Uint8Array }[], callback: Callback): void {
    this.takeWrites(
      writes.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    this.reader.end();
    this.deliver(callback);
    // An end in the middle of a response.
    if (!this.reader.finished) this.destroy();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.stopTimeout();
    clearTimeout(this.graceTimer);
    this.source?.close();
    if (!this.reader.finished) this.cut(this.failure ? this.failure.error : (error ?? this.truncation()));
    // An application that waits for its write goes on. An error costs a stack trace: it is made only for a write.
    if (this.waiting)
      this.finishWrite(error ?? new Error('the socket was destroyed before its write was done'));
    callback(error);
  }

  private takeWrites(chunks: readonly Uint8Array[], callback: Callback): void {
    this.progress();
    try {
      for (const chunk of chunks) this.reader.push(chunk);
    } catch (fault) {
      this.fail(fault);
      callback();
      return;
    }
    this.deliver(callback);
  }

  /** Passes on what has come. The callback waits until the gateway has taken it: an application may reuse its buffer then. */
  private deliver(callback: Callback): void {
    const { reader } = this;
    if (reader.head !== undefined) {
      const pieces = reader.takePieces();
      if (!this.responded) this.respond(reader.head, pieces);
      for (const piece of pieces) this.body?.write(piece);
      if (reader.finished) this.body?.end();
    }
    if (this.taken) callback();
    else this.waiting = callback;
  }

  /** A response that has come whole goes out whole, with its length. */
  private respond({ status, headers }: HttpResponseHead, pieces: Uint8Array[]): void {
    this.responded = true;
    if (this.reader.finished) {
      const body = wholeOf(pieces.splice(0));
      this.sendingWhole = body.length > COPIED_BYTES;
      this.exchange.next({ status, headers, body });
      return;
    }
    const goOn = (): void => this.goOn();
    this.body = new ResponseChannel(this.brake, goOn);
    this.brake.inputPaused.subscribe(goOn);
    this.exchange.next({ status, headers, body: new RequestBody(this.body) });
  }

  /** Whether the gateway has taken all that was written. */
  private get taken(): boolean {
    if (this.body) return this.body.consumed && !this.brake.inputHeld;
    return !this.sendingWhole;
  }

  private goOn(): void {
    if (this.waiting === undefined || !this.taken) return;
    this.progress();
    this.finishWrite();
  }

  private finishWrite(error?: Error): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.(error);
  }

  private cut(error: unknown): void {
    if (this.body) this.body.fail(error);
    else this.exchange.error(error);
  }

  private truncation(): ScgiProtocolError {
    const { bytesRead } = this.reader;
    return bytesRead === 0
      ? new ScgiProtocolError(
          'ERR_SCGI_EMPTY_RESPONSE',
          'the listener closed its socket without a response',
          undefined,
        )
      : new ScgiProtocolError(
          'ERR_SCGI_RESPONSE_TRUNCATED',
          'the listener closed its socket before the end of its response',
          bytesRead,
        );
  }
}

function wholeOf(pieces: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = pieces;
  return pieces.length > 1 ? Buffer.concat(pieces) : first;
}
