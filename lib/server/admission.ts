/**
 * Who gets in: `maxConnections` are handled, `maxWaiting` more wait unread, the next are told 503, and those beyond that
 * are reset.
 */
import type { Socket } from 'node:net';
import { Subscription, of } from 'rxjs';
import { ScgiLimitError } from '../core/errors.js';
import { encodeScgi } from '../operators/encode-scgi.js';
import { errorAnswer } from '../operators/response/error-answer.js';
import type { Connection } from './connection.js';
import { DenseSet } from './dense-set.js';
import { DescriptorBudget } from '../node/listening/descriptor-budget.js';
import type { ServeSettings } from './serve-options.js';
import { socketStateOf, type SocketState } from '../node/socket-state.js';
import { throttled } from './throttled.js';
import { WaitingLine } from './waiting-line.js';
import { writeTo } from '../node/write-to.js';

/** Connections that are being told 503 at once. */
const MAX_REFUSING = 1000;

/** How often an overload is reported: under a flood there are thousands a second. */
const REPORT_MS = 1000;

export class Admission {
  private readonly connections = new DenseSet<Connection>();
  private readonly waiting: WaitingLine;
  private readonly refusing = new Subscription();
  private refusingCount = 0;
  private started = false;
  private readonly descriptors = new DescriptorBudget();
  /** Tells of an overload, at most once a second. */
  readonly report: (error: unknown) => void;

  /**
   * @param connect - makes a connection of a socket whose turn it is.
   * @param left - is called when a connection is over, handled or refused.
   * @param overloaded - is told why somebody was not let in, at most once a second.
   */
  constructor(
    private readonly settings: ServeSettings,
    private readonly connect: (socket: Socket) => Connection,
    private readonly left: () => void,
    overloaded: (error: unknown) => void,
  ) {
    this.waiting = new WaitingLine(settings.maxWaiting);
    this.report = throttled(REPORT_MS, overloaded);
  }

  /** Connections that are open: handled, waiting, or being told 503. */
  get size(): number {
    return this.connections.size + this.waiting.length + this.refusingCount;
  }

  /** Lets those in who came before. Until then everybody waits. */
  start(): void {
    this.started = true;
    this.admitWaiting();
  }

  /** A gateway has connected. */
  enter(socket: Socket): void {
    // From here on the socket has its error listener, whatever becomes of it.
    const state = socketStateOf(socket);
    if (!this.descriptors.hasRoom(this.size)) this.refuseForDescriptors(state);
    else if (this.started && this.connections.size < this.settings.maxConnections) this.open(socket);
    else if (!this.waiting.join(socket)) this.refuse(socket, state);
  }

  /** Tells when descriptors are used up, by whomever: the system then refuses in silence, and nobody enters. */
  watchDescriptors(): Subscription {
    // Not RxJS's `interval`, which cannot be unref'd: to watch is no reason to go on.
    const watch = setInterval(() => {
      if (this.descriptors.isUsedUp(this.size)) this.reportDescriptors();
    }, REPORT_MS);
    watch.unref();
    return new Subscription(() => clearInterval(watch));
  }

  /** A connection is over; the next may come in. */
  leave(connection: Connection): void {
    if (!this.connections.delete(connection)) return;
    this.admitWaiting();
    this.left();
  }

  /** Connections that have not sent a byte in `ms` since they were let in. */
  cutIdle(ms: number): void {
    for (const connection of this.connections.snapshot()) {
      if (connection.idle && connection.ageMs >= ms) connection.abort();
    }
  }

  /** Gives up everything that is open. @param reason - is reported for each exchange; none when nobody listens. */
  cutAll(reason?: unknown): void {
    this.refusing.unsubscribe();
    this.refusingCount = 0;
    for (let socket = this.waiting.next(); socket; socket = this.waiting.next()) socketStateOf(socket).cut();
    for (const connection of this.connections.snapshot()) {
      // Who has not sent a byte has no exchange to report.
      if (reason === undefined || connection.idle) connection.abort();
      else connection.cut(reason);
    }
  }

  private admitWaiting(): void {
    while (this.started && this.connections.size < this.settings.maxConnections) {
      const socket = this.waiting.next();
      if (!socket) return;
      this.open(socket);
    }
  }

  private open(socket: Socket): void {
    // Gone while it waited: its `close` is on the way.
    if (socket.destroyed) return;
    const connection = this.connect(socket);
    this.connections.add(connection);
    connection.begin();
  }

  private refuse(socket: Socket, state: SocketState): void {
    const { maxConnections, maxWaiting, write } = this.settings;
    const limit = maxConnections + maxWaiting;
    const message = `${maxConnections} connections are handled (maxConnections) and ${maxWaiting} wait (maxWaiting)`;
    const error = new ScgiLimitError('ERR_SCGI_TOO_MANY_CONNECTIONS', message, limit, limit + 1);
    this.report(error);
    if (this.refusingCount >= MAX_REFUSING) {
      state.cut();
      return;
    }
    this.refusingCount++;
    const over = (): void => {
      this.refusingCount--;
      this.left();
    };
    const answering = of(errorAnswer(error)).pipe(encodeScgi(), writeTo(socket, write));
    this.refusing.add(answering.subscribe({ error: over, complete: over }));
  }

  private refuseForDescriptors(state: SocketState): void {
    state.cut();
    this.reportDescriptors();
  }

  private reportDescriptors(): void {
    const { limit, open } = this.descriptors;
    const message =
      `connections are refused: the process has ${open} of ${limit} files open, ${this.size} of them connections; ` +
      'raise the limit (ulimit -n, LimitNOFILE=), or look for what is not closed';
    this.report(new ScgiLimitError('ERR_SCGI_TOO_MANY_CONNECTIONS', message, limit, open));
  }
}
