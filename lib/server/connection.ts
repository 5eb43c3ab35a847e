/** One connection of a server: the exchange between the socket's reading side and its writing side. */
import type { Socket } from 'node:net';
import type { ScgiErrorCode } from '../core/codes.js';
import { isScgiError } from '../core/errors.js';
import type { ExchangeObserver } from '../operators/exchange/exchange-observer.js';
import { Exchange } from '../operators/exchange/exchange.js';
import type { Timekeeper } from '../operators/exchange/idle-timer.js';
import type { AnyScgiHandler, ScgiRequest } from '../operators/types.js';
import type { Member } from './dense-set.js';
import type { ServeSettings } from './serve-options.js';
import type { ServerEvent } from './server-event.js';
import { socketStateOf, type SocketState } from '../node/socket-state.js';
import { SocketWriter, type WriterOwner } from './connection-writer.js';

const LEFT_WITHOUT_A_WORD = new Set<ScgiErrorCode>(['ERR_SCGI_PREMATURE_EOF', 'ERR_SCGI_GATEWAY_GONE']);

/** What a connection tells its server. */
export interface ConnectionOwner {
  emit(event: ServerEvent): void;
  connectionClosed(connection: Connection): void;
}

/**
 * The same as `fromSocket(socket).pipe(handleScgi(handler), writeTo(socket))`, put together by hand: no Observable and no
 * operator is made for a connection, as SCGI opens one for each request.
 */
export class Connection implements ExchangeObserver, WriterOwner, Member {
  setIndex = -1;
  private readonly state: SocketState;
  private readonly writer: SocketWriter;
  private exchange: Exchange | undefined;
  private readonly openedAt = performance.now();
  private handledRequest: ScgiRequest | undefined;
  private status = 0;
  private failed = false;
  /** Whether the system has all of the response. */
  private out = false;

  constructor(
    socket: Socket,
    private readonly handler: AnyScgiHandler,
    private readonly settings: ServeSettings,
    private readonly keeper: Timekeeper,
    private readonly owner: ConnectionOwner,
  ) {
    this.state = socketStateOf(socket);
    this.writer = new SocketWriter(this.state, settings.write, keeper, this);
  }

  begin(): void {
    const { state, writer, handler, settings, keeper } = this;
    this.exchange = new Exchange(writer, handler, settings.handle, state, keeper, this);
    writer.start();
    state.read(this.exchange);
  }

  /** Whether the gateway has not sent a byte: a health check, or a connection made in advance. */
  get idle(): boolean {
    return this.state.bytesIn === 0;
  }

  /** Since its turn came. */
  get ageMs(): number {
    return performance.now() - this.openedAt;
  }

  /** Gives the connection up, for a reason that is reported. */
  cut(reason: unknown): void {
    // A gateway that does not close has its response all the same.
    if (!this.out) this.failure(reason, this.handledRequest);
    this.abort();
  }

  /** Gives the connection up. */
  abort(): void {
    this.writer.unsubscribe();
    this.owner.connectionClosed(this);
  }

  // ---- what the exchange tells

  request(request: ScgiRequest): void {
    this.handledRequest = request;
    this.owner.emit({ type: 'request', request });
  }

  response(status: number): void {
    this.status = status;
  }

  failure(error: unknown, request: ScgiRequest | undefined): void {
    // A fault after the head passes by here twice: as the exchange's, and as what ended the writer.
    if (this.failed) return;
    this.failed = true;
    // Who connects and leaves without a word, as health checks do, has asked for nothing.
    if (this.idle && isScgiError(error) && LEFT_WITHOUT_A_WORD.has(error.code)) return;
    this.owner.emit({ type: 'failure', error, request });
  }

  released(): void {
    this.state.stopReading();
  }

  // ---- what the writer tells

  stopSource(): void {
    this.exchange?.unsubscribe();
  }

  flushed(): void {
    this.out = true;
    const { handledRequest: request, status, ageMs: durationMs } = this;
    const { bytesIn } = this.state;
    const { bytesOut } = this.writer;
    if (this.idle) return;
    this.owner.emit({ type: 'response', request, status, bytesIn, bytesOut, durationMs });
  }

  error(error: unknown): void {
    this.failure(error, this.handledRequest);
    this.owner.connectionClosed(this);
  }

  complete(): void {
    this.owner.connectionClosed(this);
  }
}
