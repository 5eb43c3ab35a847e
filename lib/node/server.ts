/**
 * A server's life: listening sockets, the connections that they bring, and the end of both.
 *
 *     opening ──all are bound──▶ serving ──until──▶ draining ──the last connection, or the deadline──▶ closed
 *        └── one cannot be ──▶ error
 */
import type { Socket } from 'node:net';
import { Subscription, asyncScheduler, combineLatest, of, take, type Subscriber } from 'rxjs';
import { ScgiLimitError } from '../core/errors.js';
import { encodeScgi } from '../operators/encode-scgi.js';
import { errorAnswer } from '../operators/error-answer.js';
import type { ScgiHandler } from '../operators/types.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { ConnectionPool } from './connection-pool.js';
import { openServer, type OpenServer } from './open-server.js';
import type { ServeSettings } from './serve-options.js';
import type { ServerEvent } from './server-event.js';
import { socketStateOf } from './socket-state.js';
import { WaitingLine } from './waiting-line.js';
import { writeTo } from './write-to.js';

/** On draining: a gateway sends its request as soon as it has connected; who has sent nothing by then is not going to. */
const IDLE_GRACE_MS = 1000;

type State = 'opening' | 'serving' | 'draining' | 'closed';

/** Connections that are being told 503 at once; beyond, they are reset without a word. */
const MAX_REFUSING = 1000;

export class Server implements ConnectionOwner {
  private state: State = 'opening';
  private readonly connections = new ConnectionPool<Connection>();
  private readonly waiting: WaitingLine;
  private readonly refusing = new Subscription();
  private refusingCount = 0;
  private listening: Subscription | undefined;
  private untilNotified: Subscription | undefined;
  private readonly drainTimers = new Subscription();

  constructor(
    private readonly handler: ScgiHandler,
    private readonly settings: ServeSettings,
    private readonly subscriber: Subscriber<ServerEvent>,
  ) {
    this.waiting = new WaitingLine(settings.maxWaiting);
  }

  start(): void {
    const { addresses, socketMode } = this.settings;
    const options = {
      socketMode,
      connected: (socket: Socket) => this.connected(socket),
      acceptFailed: (error: Error) => this.emit({ type: 'failure', error, request: undefined }),
    };
    this.listening = combineLatest(addresses.map((address) => openServer(address, options))).subscribe({
      next: (servers) => this.serve(servers),
      error: (error) => this.subscriber.error(error),
    });
  }

  /** Unsubscribed: everything ends now. */
  abort(): void {
    this.state = 'closed';
    this.listening?.unsubscribe();
    this.untilNotified?.unsubscribe();
    this.drainTimers.unsubscribe();
    this.refusing.unsubscribe();
    for (let socket = this.waiting.next(); socket; socket = this.waiting.next()) socketStateOf(socket).cut();
    for (const connection of this.connections.snapshot()) connection.abort();
  }

  // ---- ConnectionOwner

  emit(event: ServerEvent): void {
    if (this.state !== 'closed') this.subscriber.next(event);
  }

  connectionClosed(connection: Connection): void {
    if (!this.connections.delete(connection)) return;
    this.admit();
    this.closeWhenDrained();
  }

  // ---- connections

  private serve(servers: readonly OpenServer[]): void {
    this.state = 'serving';
    for (const { address } of servers) this.emit({ type: 'listening', address });
    this.untilNotified = this.settings.until?.pipe(take(1)).subscribe({
      next: () => this.drain(),
      error: (error) => this.subscriber.error(error),
    });
    this.admit();
  }

  private connected(socket: Socket): void {
    const room = this.state === 'serving' && this.connections.size < this.settings.maxConnections;
    // From here on the socket has its error listener, whatever becomes of it.
    const state = socketStateOf(socket);
    if (room) this.open(socket);
    else if (this.waiting.join(socket)) this.admit();
    else if (this.refusingCount < MAX_REFUSING) this.refuse(socket);
    else state.cut();
  }

  private admit(): void {
    const { maxConnections } = this.settings;
    while (this.state !== 'opening' && this.connections.size < maxConnections) {
      const socket = this.waiting.next();
      if (!socket) return;
      this.open(socket);
    }
  }

  private open(socket: Socket): void {
    // Gone while it waited: its `close` is on the way.
    if (socket.destroyed) return;
    const connection = new Connection(socket, this.handler, this.settings, this);
    this.connections.add(connection);
    connection.begin();
  }

  private refuse(socket: Socket): void {
    const { maxConnections, maxWaiting, write } = this.settings;
    const limit = maxConnections + maxWaiting;
    const error = new ScgiLimitError(
      'ERR_SCGI_TOO_MANY_CONNECTIONS',
      `${maxConnections} connections are handled (maxConnections) and ${maxWaiting} wait (maxWaiting)`,
      limit,
      limit + 1,
    );
    this.emit({ type: 'failure', error, request: undefined });
    this.refusingCount++;
    const over = (): void => {
      this.refusingCount--;
    };
    this.refusing.add(
      of(errorAnswer(error))
        .pipe(encodeScgi(), writeTo(socket, write))
        .subscribe({ error: over, complete: over }),
    );
  }

  // ---- the end

  private drain(): void {
    if (this.state !== 'serving') return;
    this.state = 'draining';
    const { drainTimeoutMs } = this.settings;
    this.listening?.unsubscribe();
    this.emit({ type: 'draining', connections: this.connections.size + this.waiting.length });
    this.drainTimers.add(
      asyncScheduler.schedule(() => this.cutIdle(), Math.min(IDLE_GRACE_MS, drainTimeoutMs)),
    );
    if (drainTimeoutMs !== Infinity) {
      this.drainTimers.add(asyncScheduler.schedule(() => this.cutAll(), drainTimeoutMs));
    }
    this.closeWhenDrained();
  }

  private cutIdle(): void {
    for (const connection of this.connections.snapshot()) if (connection.idle) connection.abort();
  }

  private cutAll(): void {
    const { drainTimeoutMs } = this.settings;
    for (let socket = this.waiting.next(); socket; socket = this.waiting.next()) socketStateOf(socket).cut();
    for (const connection of this.connections.snapshot()) {
      connection.cut(
        new ScgiLimitError(
          'ERR_SCGI_DRAIN_TIMEOUT',
          `the exchange was not over within drainTimeoutMs, ${drainTimeoutMs} ms`,
          drainTimeoutMs,
          drainTimeoutMs,
        ),
      );
    }
    this.closeWhenDrained();
  }

  private closeWhenDrained(): void {
    if (this.state !== 'draining' || this.connections.size > 0 || this.waiting.length > 0) return;
    this.emit({ type: 'closed' });
    this.subscriber.complete();
  }
}
