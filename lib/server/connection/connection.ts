/**
 * One connection of a server, from its admission to its end.
 *
 *     waiting ──its turn──▶ handling ──the response──▶ lingering ──▶ closed
 *        └── refused ──▶ answering with a status ─────────┘
 */
import { of, type Observable } from 'rxjs';
import type { ScgiErrorCode } from '../../core/errors/codes.js';
import { isScgiError, type ScgiLimitError } from '../../core/errors/errors.js';
import type { MetaVariables } from '../../core/headers/meta-variables.js';
import { encodeScgi } from '../../operators/encode-scgi.js';
import { errorAnswer } from '../../operators/response/error-answer.js';
import type { ExchangeObserver } from '../../operators/exchange/exchange-observer.js';
import { Exchange } from '../../operators/exchange/exchange.js';
import { IdleTimer, type Timekeeper } from '../../operators/exchange/idle-timer.js';
import type { AnyScgiHandler, ScgiRequest } from '../../operators/types.js';
import { ConnectionState, type ConnectionObserver } from './connection-state.js';
import { ConnectionWriter, type WriterOwner } from './connection-writer.js';
import type { Member } from '../dense-set.js';
import { DepartureWatch } from './departure.js';
import type { ServerEvent } from '../server-event.js';
import type { ServerSettings } from '../server-options.js';
import type { Transport } from '../transport.js';
import { WaitingInput } from './waiting-input.js';

const LEFT_SILENTLY = new Set<ScgiErrorCode>(['ERR_SCGI_PREMATURE_EOF', 'ERR_SCGI_GATEWAY_GONE']);

/** Receives the events, the errors and the end of a connection. */
export interface ConnectionOwner {
  /** Notifies when the server begins to drain, or has begun before. */
  readonly draining: Observable<unknown>;
  emit(event: ServerEvent): void;
  /** Passes an error on to `onError`. */
  report(error: unknown, request: ScgiRequest | undefined): void;
  /** A connection has waited too long for the head of its request. */
  waitedTooLong(connection: Connection, error: ScgiLimitError): void;
  connectionClosed(connection: Connection): void;
  /** Runs code of the application that must not end the process. */
  guard(run: () => void): void;
}

/**
 * Does what `fromSocket(socket).pipe(handleScgi(handler), writeTo(socket))` does, without an Observable or an operator for
 * each connection, as SCGI opens one for each request.
 */
export class Connection implements ConnectionObserver, ExchangeObserver, WriterOwner, Member {
  setIndex = -1;
  readonly state: ConnectionState;
  protected readonly writer: ConnectionWriter;
  private readonly openedAtMs: number;
  private begunAtMs: number;
  private exchange: Exchange | undefined;
  private waiting: WaitingInput | undefined;
  private departure: DepartureWatch | undefined;
  private handledRequest: ScgiRequest | undefined;
  private status = 0;
  private failed = false;
  private lastError: unknown;
  /** Whether the system has taken all of the response. */
  private out = false;
  private reading = false;
  /** Bounds the drain of a body after its response. */
  private bodyTimer: IdleTimer | undefined;

  constructor(
    transport: Transport,
    protected readonly handler: AnyScgiHandler,
    protected readonly settings: ServerSettings,
    protected readonly keeper: Timekeeper,
    private readonly owner: ConnectionOwner,
  ) {
    this.state = this.makeState(transport);
    this.writer = new ConnectionWriter(this.state, settings.write, keeper, this);
    this.openedAtMs = this.begunAtMs = keeper.now();
  }

  protected makeState(transport: Transport): ConnectionState {
    return new ConnectionState(transport, this);
  }

  protected makeExchange(): Exchange {
    const { handler, keeper, settings, state, writer } = this;
    return new Exchange(writer, handler, settings.handle, state, keeper, this);
  }

  // ---- what admission does with it

  /** Waits for its turn. */
  wait(): void {
    this.waiting = new WaitingInput(this.state, this.settings.handle, this.keeper, (error) =>
      this.owner.waitedTooLong(this, error),
    );
    this.waiting.start();
  }

  /** Its turn has come. */
  begin(): void {
    const { keeper, state, waiting, writer } = this;
    this.stopWaiting();
    if (waiting) this.begunAtMs = keeper.now();
    const exchange = this.makeExchange();
    this.exchange = exchange;
    this.reading = true;
    writer.start();
    if (waiting && !waiting.empty) exchange.next(waiting.bytes);
    // The exchange may be over already, and reads no more.
    if (!this.reading) return;
    state.read(exchange);
    if (state.inputEnded) this.inputEnded();
  }

  /** Answers with an error's status, unread. */
  refuse(error: unknown): void {
    this.stopWaiting();
    this.failed = true;
    this.writer.start();
    of(errorAnswer(error)).pipe(encodeScgi()).subscribe(this.writer);
  }

  /** Gives the connection up. */
  abort(): void {
    this.stopWaiting();
    this.writer.unsubscribe();
    this.complete();
  }

  /** Gives the connection up, for a reason that is reported. */
  cut(reason: unknown): void {
    // A response that is out is no failure, and a gateway that sent nothing has lost nothing.
    if (!this.out && !this.silent) this.failure(reason, this.handledRequest);
    this.abort();
  }

  /** Whether no request has been received yet: a health check, a connection made in advance, or a very slow gateway. */
  get headless(): boolean {
    return this.handledRequest === undefined && this.writer.bytesOut === 0;
  }

  /** Milliseconds since its turn came. */
  get ageMs(): number {
    return this.keeper.now() - this.begunAtMs;
  }

  private get silent(): boolean {
    return this.state.bytesIn === 0;
  }

  // ---- ConnectionObserver

  get draining(): Observable<unknown> {
    return this.owner.draining;
  }

  inputEnded(): void {
    if (this.writer.completed) return;
    const departure = this.watchDeparture();
    if (this.waiting?.empty || departure.isLeftAtFin(() => this.readHead())) {
      this.leave();
    } else {
      departure.start();
      departure.ask();
    }
  }

  inputHeldChanged(isHeld: boolean): void {
    if (isHeld && !this.state.over && !this.writer.completed) this.watchDeparture().start();
    else if (!this.state.inputEnded) this.departure?.stop();
  }

  inputDropped(chunk: Uint8Array): void {
    // The exchange reports bytes beyond the end of the request.
    this.exchange?.next(chunk);
  }

  connectionClosed(): void {
    // A FIN that comes after the response was given up starts the watch again.
    this.departure?.stop();
    // After its turn, the writer reports the end.
    if (this.waiting) this.abort();
  }

  private watchDeparture(): DepartureWatch {
    const { departure, keeper, settings, state } = this;
    return (
      departure ?? (this.departure = new DepartureWatch(state.transport, settings.whenGatewayEnds, keeper))
    );
  }

  private readHead(): MetaVariables | undefined {
    if (this.handledRequest) return this.handledRequest.variables;
    const head = this.waiting?.readHead();
    return typeof head === 'object' ? head : undefined;
  }

  /** Ends the exchange of a gateway that has left. */
  private leave(): void {
    if (this.exchange) this.exchange.error(this.state.gone());
    else this.abort();
  }

  private stopWaiting(): void {
    this.departure?.stop();
    this.waiting?.stop();
    this.waiting = undefined;
  }

  // ---- ExchangeObserver

  request(request: ScgiRequest): void {
    this.handledRequest = request;
    this.writer.expectInput(request.contentLength);
    this.owner.emit({ type: 'request', request });
  }

  started(status: number): void {
    this.status = status;
  }

  response(status: number): void {
    this.status = status;
  }

  failure(error: unknown, request: ScgiRequest | undefined): void {
    // A fault after the head is reported twice: by the exchange, and by the writer that it ended.
    if (error === this.lastError) return;
    this.lastError = error;
    const code = isScgiError(error) ? error.code : undefined;
    if (code === 'ERR_SCGI_GATEWAY_GONE' && this.status > 0) {
      // A client that leaves a stream is no failure. nginx closes as soon as it has what Content-Length promised.
      if (!this.silent) this.emitResponse(!(this.writer.allTaken && this.exchange?.responseIsWhole));
      return;
    }
    const { failed } = this;
    // Bytes beyond the request do not affect its response.
    if (code !== 'ERR_SCGI_BODY_SURPLUS') this.failed = true;
    // A gateway that connects and leaves, as health checks do, has asked for nothing.
    if (code && this.silent && LEFT_SILENTLY.has(code)) return;
    if (code === 'ERR_SCGI_BODY_TOO_LARGE' && !request)
      this.writer.expectInput((error as ScgiLimitError).actual);
    this.owner.report(error, request);
    // One event tells what went wrong with a connection; `onError` gets what follows from it, too.
    if (!failed) this.owner.emit({ type: 'failure', error, request });
  }

  aborting(abort: () => void): void {
    this.owner.guard(abort);
  }

  released(): void {
    this.reading = false;
    this.departure?.stop();
    this.state.stopReading();
  }

  // ---- WriterOwner

  stopSource(): void {
    this.exchange?.unsubscribe();
  }

  flushed(): void {
    this.out = true;
    if (!this.exchange || this.silent) return;
    this.emitResponse(false);
    const { bodyTotalTimeoutMs } = this.settings.handle;
    if (this.state.isClosing || bodyTotalTimeoutMs === Infinity) return;
    const leftMs = Math.max(bodyTotalTimeoutMs - this.ageMs, 0);
    this.bodyTimer = new IdleTimer(this.keeper, leftMs, () => this.state.transport.destroy());
    this.bodyTimer.start();
  }

  error(error: unknown): void {
    this.failure(error, this.handledRequest);
    this.complete();
  }

  complete(): void {
    this.bodyTimer?.stop();
    this.owner.connectionClosed(this);
  }

  private emitResponse(aborted: boolean): void {
    const { handledRequest: request, status } = this;
    const { bytesIn } = this.state;
    const { bytesOut } = this.writer;
    const durationMs = this.keeper.now() - this.openedAtMs;
    this.owner.emit({ type: 'response', request, status, aborted, bytesIn, bytesOut, durationMs });
  }
}
