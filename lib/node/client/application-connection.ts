/**
 * One connection to an application: connects, sends the request, and passes on what comes back.
 *
 *     connecting ──▶ waiting for the head ──▶ reading the body ──▶ closed
 *         └──────────────────┴───────────────────────┴── a timeout, a loss, a fault of the request ──▶ closed, with an error
 *
 * The application's FIN may end the response. We never send ours first: some applications take it for a client that left.
 */
import type { TcpNetConnectOpts } from 'node:net';
import { NEVER, type Subscriber } from 'rxjs';
import { ScgiLimitError, ScgiProtocolError } from '../../core/errors/errors.js';
import { encodeLatin1 } from '../../core/text/latin1.js';
import { IdleTimer } from '../../operators/exchange/idle-timer.js';
import type { Target } from '../../operators/flow/forwarding-subscriber.js';
import type { TextSink } from '../../operators/response/response-outlet.js';
import {
  ConnectionState,
  type ConnectionObserver,
  type WritingSide,
} from '../../server/connection/connection-state.js';
import type { ConnectTarget } from '../../server/address.js';
import { SocketTransport } from '../socket-transport.js';
import { ApplicationSocket } from './application-socket.js';
import type { CallTimes } from './call-options.js';
import { directInput } from './direct-input.js';

const NOTHING = new Uint8Array(0);

/** Receives what happens to a call. */
export interface CallWatcher {
  /** The first chunk that is sent has all of the request's head. */
  sent?(chunk: Uint8Array): void;
  received?(chunk: Uint8Array): void;
  /** The connection is over; called once if it was started. */
  closed?(): void;
}

/** What a time limits: its code and its option. */
const LIMITS = {
  connectMs: ['ERR_SCGI_CONNECT_TIMEOUT', 'connectTimeoutMs'],
  headersMs: ['ERR_SCGI_RESPONSE_HEAD_TIMEOUT', 'headersTimeoutMs'],
  bodyMs: ['ERR_SCGI_RESPONSE_BODY_TIMEOUT', 'bodyTimeoutMs'],
  unreadMs: ['ERR_SCGI_UNREAD_TIMEOUT', 'unreadTimeoutMs'],
} as const;

type Limit = keyof typeof LIMITS;

export class ApplicationConnection implements Target<Uint8Array>, WritingSide, ConnectionObserver {
  /** Nobody drains a call. */
  readonly draining = NEVER;
  /** The connection's brake. */
  readonly flow: ConnectionState;
  private readonly socket: ApplicationSocket;
  private readonly user = new SocketUser(this);
  private begin: ((output: RequestOutput) => void) | undefined;
  private destination: Subscriber<Uint8Array> | undefined;
  /** Counts the application's time. */
  private readonly timer: IdleTimer;
  private limit: Limit = 'connectMs';
  /** Counts ours, while we do not read. */
  private unreadTimer: IdleTimer | undefined;
  private connected = false;
  private responseStarted = false;
  private responseEnded = false;
  /** Whether the system has yet to take something before more is written. */
  private awaiting = false;
  private requestSent = false;
  /** Whether we do not read. */
  private paused = false;

  constructor(
    target: ConnectTarget,
    private readonly times: CallTimes,
    private readonly watcher: CallWatcher = {},
  ) {
    this.timer = new IdleTimer(times.keeper, times.connectMs, () => this.timedOut(this.limit));
    const onread = directInput(this.user);
    const options = { ...target, allowHalfOpen: true, onread } as TcpNetConnectOpts;
    this.socket = new ApplicationSocket(options);
    const transport = new SocketTransport(this.socket, onread !== undefined);
    this.flow = transport.events = new ConnectionState(transport, this);
    this.socket.connect(options);
  }

  /**
   * Sends a request, and passes the response's bytes on. The end of `destination` ends the connection.
   *
   * @param begin - called once connected; `destination` ends what it begins.
   */
  start(begin: (output: RequestOutput) => void, destination: Subscriber<Uint8Array>): void {
    const { flow } = this;
    this.destination = destination;
    destination.add(() => this.close());
    flow.writeBy(this);
    flow.read(this);
    this.timer.start();
    this.begin = begin;
    this.user.listen(this.socket);
  }

  /** @internal */
  hasConnected(): void {
    this.connected = true;
    this.await('headersMs');
    this.begin?.(new RequestOutput(this));
  }

  /** The head has come: from now on, the time between chunks counts. */
  startBody(): void {
    this.responseStarted = true;
    this.await('bodyMs');
    this.watch();
  }

  /** The response is complete: closing the connection aborts nothing any more. */
  endBody(): void {
    this.responseEnded = true;
  }

  // ---- the connection's input

  next(chunk: Uint8Array): void {
    if (this.responseStarted) this.timer.touch();
    this.watcher.received?.(chunk);
    this.destination?.next(chunk);
  }

  error(): void {
    this.lose(this.flow.failure);
  }

  complete(): void {
    const { socket, flow } = this;
    if (!flow.transport.canAbort) this.end();
    // A reset right behind data reaches Node.js as an end. A write tells: ECONNRESET, or EPIPE when a FIN came before the reset.
    else if (socket.refusal) this.endUnlessReset(socket.refusal);
    else socket.write(NOTHING, (error) => this.endUnlessReset(error));
  }

  private endUnlessReset(error: Error | null | undefined): void {
    if ((error as NodeJS.ErrnoException | null | undefined)?.code === 'ECONNRESET') this.lose(error);
    else this.end();
  }

  private lose(cause: unknown): void {
    this.destination?.error(this.lost(cause));
  }

  private end(): void {
    this.responseEnded = true;
    this.destination?.complete();
  }

  // ---- the connection's output

  inputDropped(): void {
    // While there is a reader, it gets everything.
  }

  outputDrained(): void {
    if (!this.awaiting) return;
    this.awaiting = false;
    this.timer.stop();
    this.flow.countOutput(-1, 'transport');
    this.watch();
  }

  connectionClosed(): void {
    // The reader has been told.
  }

  inputEnded(): void {
    // The reader has been told.
  }

  inputHeldChanged(): void {
    if (this.connected) this.watch();
  }

  /** @internal */
  send(chunk: Uint8Array | string): void {
    const { flow, watcher, destination } = this;
    if (destination === undefined) return;
    watcher.sent?.(typeof chunk === 'string' ? encodeLatin1(chunk) : chunk);
    if (flow.transport.write(chunk) || this.awaiting) return;
    this.awaiting = true;
    flow.countOutput(1, 'transport');
    this.watch();
  }

  /** @internal */
  sendingFailed(error: unknown): void {
    this.destination?.error(error);
  }

  /** @internal */
  sentAll(): void {
    this.requestSent = true;
    this.watch();
  }

  // ---- time

  /** Time counts while it is the application's turn: not while we wait for more of our own request. A pause of the input is ours. */
  private watch(): void {
    const { flow, timer } = this;
    if (this.destination === undefined || this.destination.closed) return;
    if (flow.inputHeld !== this.paused) {
      this.paused = flow.inputHeld;
      if (this.paused) this.startUnreadTimer();
      else this.unreadTimer?.stop();
    }
    if (!this.paused && (this.requestSent || this.awaiting)) timer.start();
    else timer.stop();
  }

  /** Most calls never pause their input. */
  private startUnreadTimer(): void {
    const { keeper, unreadMs } = this.times;
    this.unreadTimer ??= new IdleTimer(keeper, unreadMs, () => this.timedOut('unreadMs'));
    this.unreadTimer.start();
  }

  private await(limit: Limit): void {
    this.limit = limit;
    this.timer.stopAndSet(this.times[limit]);
  }

  private timedOut(limit: Limit): void {
    const [code, option] = LIMITS[limit];
    const ms = this.times[limit];
    this.destination?.error(new ScgiLimitError(code, `nothing happened for ${option}, ${ms} ms`, ms, ms));
  }

  // ---- the end

  private close(): void {
    const { flow } = this;
    this.timer.stop();
    this.unreadTimer?.stop();
    this.destination = this.user.connection = undefined;
    flow.stopReading();
    if (this.responseEnded || !this.connected) this.socket.destroy();
    else flow.transport.abort();
    this.watcher.closed?.();
  }

  private lost(cause: unknown): ScgiProtocolError {
    const { bytesIn } = this.flow;
    const details = cause === undefined ? {} : { cause };
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    if (!this.connected)
      return new ScgiProtocolError('ERR_SCGI_CONNECT_FAILED', `connecting failed${why}`, undefined, details);
    const code = bytesIn === 0 ? 'ERR_SCGI_EMPTY_RESPONSE' : 'ERR_SCGI_RESPONSE_TRUNCATED';
    return new ScgiProtocolError(code, `the connection to the application was lost${why}`, bytesIn, details);
  }
}

/** What a socket's listeners know of its call; nothing when that is over: V8 may keep a closed socket for long. See decision 140. */
class SocketUser {
  constructor(public connection: ApplicationConnection | undefined) {}

  listen(socket: ApplicationSocket): void {
    // Once is enough, and `once` costs more.
    socket.on('connect', () => this.connection?.hasConnected());
  }

  received(chunk: Uint8Array): void {
    this.connection?.flow.received(chunk);
  }
}

/** Takes the bytes of a request; a connection is the target of its response. */
export class RequestOutput implements Target<Uint8Array>, TextSink {
  constructor(private readonly connection: ApplicationConnection) {}

  next(chunk: Uint8Array): void {
    this.connection.send(chunk);
  }

  nextText(text: string): void {
    this.connection.send(text);
  }

  error(error: unknown): void {
    this.connection.sendingFailed(error);
  }

  complete(): void {
    this.connection.sentAll();
  }
}
