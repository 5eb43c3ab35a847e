/**
 * Decides who gets in: `maxConnections` are handled, `maxWaiting` more wait, the next are answered 503, and those beyond that
 * are reset.
 */
import type { Observable } from 'rxjs';
import { ScgiLimitError } from '../core/errors/errors.js';
import type { Connection } from './connection/connection.js';
import { DenseSet } from './dense-set.js';
import type { ServerSettings } from './server-options.js';
import type { Transport, TransportEvents } from './transport.js';

/** Connections that are being answered 503 at once. */
const MAX_REFUSING = 1000;

/** How often an overload is reported: under a flood there are thousands a second. */
const REPORT_MS = 1000;

/** What admission needs from its server. */
export interface AdmissionOwner {
  connect(transport: Transport): Connection;
  /** Returns why there is no room for one more connection in this process, if there is none. */
  lackOfRoom(connections: number): unknown;
  now(): number;
  /** Emits once when what the system has received by now has been delivered. */
  readonly inputDelivered: Observable<unknown>;
  /** A connection is over, whether it was handled or refused. */
  left(): void;
  /** Gets the reason why a connection was not let in, at most once a second. */
  overloaded(error: unknown): void;
}

export class Admission {
  private readonly handled = new DenseSet<Connection>();
  // Sets keep the order of insertion, and remove from the middle at no cost.
  private readonly waiting = new Set<Connection>();
  private readonly refused = new Set<Connection>();
  private started = false;
  private admitting = false;
  private reportedAtMs = -Infinity;

  constructor(
    private readonly settings: ServerSettings,
    private readonly owner: AdmissionOwner,
  ) {}

  /** Connections that are open: handled, waiting, or being refused. */
  get size(): number {
    return this.handled.size + this.waiting.size + this.refused.size;
  }

  /** Lets those in that have connected so far. Until then everybody waits. */
  start(): void {
    this.started = true;
    this.admitWaiting();
  }

  /** Takes a new connection. @returns what its transport is to tell, or nothing when it has been reset. */
  enter(transport: Transport): TransportEvents | undefined {
    const { handled, owner, settings, waiting } = this;
    const lack = owner.lackOfRoom(this.size);
    if (lack !== undefined) {
      transport.abort();
      this.report(lack);
      return undefined;
    }
    const connection = owner.connect(transport);
    const room = settings.maxConnections - handled.size;
    if (this.started && room > 0 && waiting.size === 0) {
      this.open(connection);
    } else if (waiting.size < settings.maxWaiting + room) {
      waiting.add(connection);
      connection.wait();
    } else {
      const error = this.tooMany();
      this.report(error);
      this.refuse(connection, error);
    }
    return connection.state;
  }

  /** Answers a connection with an error's status, whether it has waited or not. */
  refuse(connection: Connection, error: unknown): void {
    this.waiting.delete(connection);
    this.refused.add(connection);
    if (this.refused.size > MAX_REFUSING) connection.abort();
    else connection.refuse(error);
  }

  /** A connection is over; the next may come in. */
  leave(connection: Connection): void {
    if (this.handled.delete(connection)) this.admitWaiting();
    else if (!this.waiting.delete(connection) && !this.refused.delete(connection)) return;
    this.owner.left();
  }

  /** Reports an overload, at most once a second. */
  report(error: unknown): void {
    const now = this.owner.now();
    if (now - this.reportedAtMs < REPORT_MS) return;
    this.reportedAtMs = now;
    this.owner.overloaded(error);
  }

  /** Gives up the connections that have not sent the head of a request within `ms` of their turn. */
  cutHeadless(ms: number, reason: unknown): void {
    for (const connection of this.handled.snapshot()) {
      if (connection.headless && connection.ageMs >= ms) connection.cut(reason);
    }
  }

  /** Gives up everything that is open. @param reason - is reported for each exchange, where somebody listens. */
  cutAll(reason?: unknown): void {
    // Those that wait first, as each connection that ends makes room for one of them.
    for (const connection of [...this.waiting, ...this.refused]) connection.abort();
    for (const connection of this.handled.snapshot()) {
      if (reason === undefined) connection.abort();
      else connection.cut(reason);
    }
  }

  /** Lets waiting connections in, once it is known which of them have been closed by now. */
  private admitWaiting(): void {
    if (!this.started || this.admitting || this.waiting.size === 0) return;
    this.admitting = true;
    this.owner.inputDelivered.subscribe(() => {
      this.admitting = false;
      while (this.handled.size < this.settings.maxConnections) {
        const [next] = this.waiting;
        if (!next) return;
        this.waiting.delete(next);
        this.open(next);
      }
    });
  }

  private open(connection: Connection): void {
    this.handled.add(connection);
    connection.begin();
  }

  private tooMany(): ScgiLimitError {
    const { maxConnections, maxWaiting } = this.settings;
    const limit = maxConnections + maxWaiting;
    const message = `${maxConnections} connections are handled (maxConnections) and ${maxWaiting} wait (maxWaiting)`;
    return new ScgiLimitError('ERR_SCGI_TOO_MANY_CONNECTIONS', message, limit, limit + 1);
  }
}
