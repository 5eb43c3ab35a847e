/**
 * One exchange as the connection that `http.Server` takes: it reads the request in HTTP and writes the response in HTTP.
 *
 *     request.body ──pulled──▶ _read     http.Server     _write ──▶ HttpResponseReader ──▶ the ScgiResponse, and its body
 *
 * Both directions are braked: a chunk of the body is pulled when Node.js reads one, and a write is done when the gateway has taken it.
 */
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import type { Subscriber } from 'rxjs';
import { ScgiProtocolError } from '../../core/errors/errors.js';
import { FlowState } from '../../operators/flow/flow.js';
import { BodyChannel } from '../../operators/request/body-channel.js';
import { RequestBody } from '../../operators/request/request-body.js';
import { pulledSource, type PulledSource } from '../../operators/response/response-source.js';
import type { ScgiRequest, ScgiResponse } from '../../operators/types.js';
import { httpRequestHeadOf } from './http-request-head.js';
import { HttpResponseReader, type HttpResponseHead } from './http-response-reader.js';

type Callback = (error?: Error | null) => void;

/** Bytes of a response that are held for a slow gateway, before writes have to wait. */
const RESPONSE_LIMITS = { bodyHighWaterMark: 16_384, maxQueuedBytes: Infinity };

/** How long an application may take to call `end()` after the last byte that it has announced. */
const END_GRACE_MS = 2000;

export class ExchangeSocket extends Duplex {
  private source: PulledSource | undefined;
  private headRead = false;
  private readonly reader: HttpResponseReader;
  private responded = false;
  /** The body of the response, when that goes on after its head. */
  private body: BodyChannel | undefined;
  private readonly brake = new FlowState();
  /** The write that waits for the gateway. */
  private waiting: Callback | undefined;
  private failure: { readonly error: unknown } | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private graceTimer: NodeJS.Timeout | undefined;

  /** @param exchange - gets the response, or the error for which there is none. */
  constructor(
    /** The SCGI request: for what HTTP does not carry, such as other meta-variables. */
    readonly scgiRequest: ScgiRequest,
    private readonly exchange: Subscriber<ScgiResponse>,
  ) {
    super();
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
    if (!this.reader.finished) {
      this.destroy();
    } else if (!this.destroyed) {
      // All of the response has come, most often from inside `res.end()`: an application that is closed now would take it for cut.
      this.graceTimer = setTimeout(() => this.destroy(), END_GRACE_MS).unref();
    }
  }

  // ---- what applications know of sockets

  /** The client's address, as the web server reports it. */
  get remoteAddress(): string | undefined {
    return this.scgiRequest.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.portOf('REMOTE_PORT');
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.remoteAddress);
  }

  /** The web server's address. */
  get localAddress(): string | undefined {
    return this.scgiRequest.variables.get('SERVER_ADDR') || undefined;
  }

  get localPort(): number | undefined {
    return this.portOf('SERVER_PORT');
  }

  get localFamily(): string | undefined {
    return familyOf(this.localAddress);
  }

  /** Whether the client came by HTTPS. */
  get encrypted(): boolean {
    return this.scgiRequest.url.protocol === 'https:';
  }

  address(): object {
    const { localAddress: address, localPort: port, localFamily: family } = this;
    return address === undefined ? {} : { address, port, family };
  }

  /** Emits `timeout` after this many milliseconds in which nothing was read or written; 0 for never. */
  setTimeout(ms: number, listener?: () => void): this {
    clearTimeout(this.idleTimer);
    this.idleTimer = ms > 0 ? setTimeout(() => this.emit('timeout'), ms).unref() : undefined;
    if (listener) {
      if (ms > 0) this.once('timeout', listener);
      else this.removeListener('timeout', listener);
    }
    return this;
  }

  /** Does nothing: the connection to the web server has no delay. */
  setNoDelay(): this {
    return this;
  }

  /** Does nothing: the connection ends with its one exchange. */
  setKeepAlive(): this {
    return this;
  }

  /** Does nothing: a server's connections keep the process. */
  ref(): this {
    return this;
  }

  /** Does nothing, as `ref`. */
  unref(): this {
    return this;
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
    this.idleTimer?.refresh();
    if (!this.headRead) {
      this.headRead = true;
      this.push(httpRequestHeadOf(this.scgiRequest), 'latin1');
    } else if (this.scgiRequest.contentLength > 0) {
      this.source ??= this.openBody();
      this.source?.pull();
    }
  }

  /** Never ends the input: Node.js would take that for a client that has left. It counts the body by its length. */
  private openBody(): PulledSource | undefined {
    return pulledSource(this.scgiRequest.body, {
      next: (chunk) => {
        this.idleTimer?.refresh();
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
    clearTimeout(this.idleTimer);
    clearTimeout(this.graceTimer);
    this.source?.close();
    if (!this.reader.finished) this.cut(this.failure ? this.failure.error : (error ?? this.truncation()));
    this.waiting = undefined;
    callback(error);
  }

  private takeWrites(chunks: readonly Uint8Array[], callback: Callback): void {
    this.idleTimer?.refresh();
    try {
      for (const chunk of chunks) this.reader.push(chunk);
    } catch (fault) {
      this.fail(fault);
      callback();
      return;
    }
    this.deliver(callback);
  }

  /** Passes on what has come. The callback waits until the gateway has taken so much that there is room again. */
  private deliver(callback: Callback): void {
    const { reader } = this;
    if (reader.head !== undefined) {
      if (!this.responded) this.respond(reader.head);
      for (const piece of reader.takePieces()) this.body?.write(piece);
      if (reader.finished) this.body?.end();
    }
    if (this.brake.inputHeld && !reader.finished) this.waiting = callback;
    else callback();
  }

  /** A response that has come whole goes out whole, with its length. */
  private respond({ status, headers }: HttpResponseHead): void {
    this.responded = true;
    if (this.reader.finished) {
      this.exchange.next({ status, headers, body: wholeOf(this.reader.takePieces()) });
      return;
    }
    this.body = new BodyChannel(RESPONSE_LIMITS, this.brake);
    this.brake.inputPaused.subscribe((paused) => {
      if (!paused) this.writeOn();
    });
    this.exchange.next({ status, headers, body: new RequestBody(this.body) });
  }

  private writeOn(): void {
    const { waiting } = this;
    this.waiting = undefined;
    this.idleTimer?.refresh();
    waiting?.();
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

  private portOf(name: string): number | undefined {
    const port = this.scgiRequest.variables.get(name) ?? '';
    return /^[0-9]{1,5}$/.test(port) ? Number(port) : undefined;
  }
}

function familyOf(address: string | undefined): string | undefined {
  const version = isIP(address ?? '');
  return version === 0 ? undefined : `IPv${version}`;
}

function wholeOf(pieces: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = pieces;
  return pieces.length > 1 ? Buffer.concat(pieces) : first;
}
