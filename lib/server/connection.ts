/**
 * One connection of a server, from its admission to its end.
 *
 *     waiting ──its turn──▶ handling ──the response──▶ lingering ──▶ closed
 *        └── refused ──▶ answering with a status ─────────┘
 */
import { of } from 'rxjs';
import type { ScgiErrorCode } from '../core/codes.js';
import { ScgiLimitError, isScgiError } from '../core/errors.js';
import { encodeScgi } from '../operators/encode-scgi.js';
import { errorAnswer } from '../operators/error-answer.js';
import { Exchange, type ExchangeObserver } from '../operators/exchange/exchange.js';
import { IdleTimer, type Timekeeper } from '../operators/exchange/idle-timer.js';
import type { Target } from '../operators/forwarding-subscriber.js';
import type { AnyScgiHandler, ScgiRequest } from '../operators/types.js';
import { ConnectionState, type ConnectionObserver } from './connection-state.js';
import { ConnectionWriter, type WriterOwner } from './connection-writer.js';
import type { Member } from './dense-set.js';
import { DepartureProbe, neverHalfCloses } from './departure.js';
import { HeldInput } from './held-input.js';
import type { ServerEvent } from './server-event.js';
import type { ServerSettings } from './server-options.js';
import type { Transport } from './transport.js';

const LEFT_SILENTLY = new Set<ScgiErrorCode>(['ERR_SCGI_PREMATURE_EOF', 'ERR_SCGI_GATEWAY_GONE']);
/** A cause of `inputPaused` beside those of the engine. */
const HELD_WHILE_WAITING = 1 << 8;

/** Receives what a connection has to tell its server. */
export interface ConnectionOwner {
  emit(event: ServerEvent): void;
  /** Passes an error on to `onError`. */
  report(error: unknown, request: ScgiRequest | undefined): void;
  /** A connection has waited too long for the head of its request. */
  waitedTooLong(connection: Connection, error: ScgiLimitError): void;
  connectionClosed(connection: Connection): void;
}

/**
 * Does what `fromSocket(socket).pipe(handleScgi(handler), writeTo(socket))` does, without an Observable or an operator for
 * each connection, as SCGI opens one for each request.
 */
export class Connection implements ConnectionObserver, ExchangeObserver, WriterOwner, Member {
  setIndex = -1;
  readonly state: ConnectionState;
  private readonly writer: ConnectionWriter;
  private readonly openedAtMs: number;
  private begunAtMs: number;
  private exchange: Exchange | undefined;
  private held: HeldInput | undefined;
  private waitTimer: IdleTimer | undefined;
  private probe: DepartureProbe | undefined;
  private handledRequest: ScgiRequest | undefined;
  private status = 0;
  private failed = false;
  private lastError: unknown;
  /** Whether the system has taken all of the response. */
  private out = false;
  private reading = false;

  constructor(
    transport: Transport,
    private readonly handler: AnyScgiHandler,
    private readonly settings: ServerSettings,
    private readonly keeper: Timekeeper,
    private readonly owner: ConnectionOwner,
  ) {
    this.state = new ConnectionState(transport, this);
    this.writer = new ConnectionWriter(this.state, settings.write, keeper, this);
    this.openedAtMs = this.begunAtMs = keeper.now();
  }

  // ---- what admission does with it

  /** Waits for its turn. It is read meanwhile, as far as a small buffer goes, so that a gateway that leaves is noticed. */
  wait(): void {
    const held = (this.held = new HeldInput());
    const { headersTimeoutMs, limits } = this.settings.handle;
    const timeout = new IdleTimer(this.keeper, headersTimeoutMs, () => {
      if (held.readHead(limits) !== undefined) return;
      const message = `no complete head came within headersTimeoutMs, ${headersTimeoutMs} ms`;
      this.owner.waitedTooLong(
        this,
        new ScgiLimitError('ERR_SCGI_HEADERS_TIMEOUT', message, headersTimeoutMs, headersTimeoutMs),
      );
    });
    this.waitTimer = timeout;
    timeout.start();
    this.state.read(new WaitingReader(this, held));
  }

  /** Its turn has come. */
  begin(): void {
    const { handler, held, keeper, settings, state, writer } = this;
    this.stopWaiting();
    this.begunAtMs = keeper.now();
    const exchange = new Exchange(writer, handler, settings.handle, state, keeper, this);
    this.exchange = exchange;
    this.reading = true;
    writer.start();
    if (held && held.length > 0) exchange.next(held.bytes);
    // It may have answered already, and not want the rest.
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
    this.owner.connectionClosed(this);
  }

  /** Gives the connection up, for a reason that is reported. */
  cut(reason: unknown): void {
    // A gateway that does not close has its response all the same, and one that sent nothing has nothing to lose.
    if (!this.out && !this.silent) this.failure(reason, this.handledRequest);
    this.abort();
  }

  /** Whether the head of a request has yet to come: a health check, a connection made in advance, or a very slow gateway. */
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

  inputEnded(): void {
    const { held, settings, state, writer } = this;
    if (writer.completed) return;
    if (settings.whenGatewayEnds === 'cancel' || held?.length === 0) this.leave();
    else if (state.transport.canAbort && this.finMeansLeft()) this.leave();
    else this.watch(true);
  }

  inputHeldChanged(isHeld: boolean): void {
    if (isHeld) this.watch(false);
    else if (!this.state.inputEnded) this.probe?.stop();
  }

  inputDropped(chunk: Uint8Array): void {
    // It tells of bytes beyond the end of the request.
    this.exchange?.next(chunk);
  }

  connectionClosed(): void {
    // Otherwise the writer has told.
    if (this.held) this.abort();
  }

  /** On TCP, a FIN says that the gateway has left only where it never half-closes. */
  private finMeansLeft(): boolean {
    if (this.settings.whenGatewayEnds !== 'detect') return false;
    const head = this.handledRequest?.variables ?? this.held?.readHead(this.settings.handle.limits);
    return typeof head === 'object' && neverHalfCloses(head);
  }

  private watch(atOnce: boolean): void {
    if (this.settings.whenGatewayEnds === 'continue' || this.state.over || this.writer.completed) return;
    this.probe ??= new DepartureProbe(this.state.transport, this.keeper);
    this.probe.start();
    if (atOnce) this.state.transport.write('');
  }

  /** The gateway has left: nobody is there to answer. */
  private leave(): void {
    if (this.exchange) this.exchange.error(this.state.gone());
    else this.abort();
  }

  // ---- while it waits

  /** @internal */
  receiveWhileWaiting(held: HeldInput, chunk: Uint8Array): void {
    held.add(chunk);
    if (held.full) this.state.hold(HELD_WHILE_WAITING, true);
  }

  private stopWaiting(): void {
    if (!this.held) return;
    this.waitTimer?.stop();
    this.held = undefined;
    this.probe?.stop();
    this.state.hold(HELD_WHILE_WAITING, false);
    this.state.stopReading();
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
    // A fault after the head passes by here twice: as the exchange's, and as what ended the writer.
    if (error === this.lastError) return;
    this.lastError = error;
    const code = isScgiError(error) ? error.code : undefined;
    if (code === 'ERR_SCGI_GATEWAY_GONE' && this.status > 0) {
      // A client that leaves a stream is no failure.
      this.emitResponse(true);
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

  released(): void {
    this.reading = false;
    this.probe?.stop();
    this.state.stopReading();
  }

  // ---- WriterOwner

  stopSource(): void {
    this.exchange?.unsubscribe();
  }

  flushed(): void {
    this.out = true;
    if (this.exchange && !this.silent) this.emitResponse(false);
  }

  error(error: unknown): void {
    this.failure(error, this.handledRequest);
    this.owner.connectionClosed(this);
  }

  complete(): void {
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

/** Reads a connection that waits. */
class WaitingReader implements Target<Uint8Array> {
  constructor(
    private readonly connection: Connection,
    private readonly held: HeldInput,
  ) {}

  next(chunk: Uint8Array): void {
    this.connection.receiveWhileWaiting(this.held, chunk);
  }

  // The connection hears of the end by itself.

  error(): void {}

  complete(): void {}
}
