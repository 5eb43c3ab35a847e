/**
 * A server's life, from its listening sockets to the end of its last connection.
 *
 *     opening ──all are bound──▶ serving ──until──▶ draining ──the last connection, or the deadline──▶ closed
 *        └── one cannot be ──▶ error
 */
import {
  AsyncSubject,
  Subscription,
  exhaustMap,
  interval,
  mergeMap,
  take,
  timer,
  type Observable,
  type Subscriber,
} from 'rxjs';
import { ScgiLimitError } from '../core/errors/errors.js';
import type { HandleSettings } from '../operators/engine-options.js';
import type { AnyScgiHandler, ScgiRequest } from '../operators/types.js';
import { Admission, type AdmissionOwner } from './admission.js';
import { Connection, type ConnectionOwner } from './connection/connection.js';
import { InspectedConnection } from './inspect/inspected-connection.js';
import { InspectedTransport } from './inspect/inspected-transport.js';
import { Inspector } from './inspect/inspector.js';
import type { ServerEvent } from './server-event.js';
import type { ServerSettings } from './server-options.js';
import { SweepingTimekeeper, tickFor } from './sweeping-timekeeper.js';
import type { Transport, TransportEvents } from './transport.js';

/** On draining: a gateway sends its request as soon as it has connected; one that has not by then is not going to. */
const HEAD_GRACE_MS = 1000;

/** What a runtime provides for a server, apart from its connections. */
export interface ServerRuntime {
  /** Opens the addresses: emits them once, when all are bound, and closes them when unsubscribed. */
  listen(acceptor: Acceptor): Observable<readonly string[]>;
  /** Emits once, and completes, when what the system has received by now has been delivered. */
  readonly inputDelivered: Observable<unknown>;
  /** Returns why the process has no room for one more connection, if it has none. */
  lackOfRoom?(connections: number): unknown;
  /** Gets every event before the subscriber of the server does. */
  publish?(event: ServerEvent): void;
  /** Runs code of the application whose exceptions the platform throws once more, later, where nobody can catch them. */
  guard?(run: () => void): void;
  /** Gets what an observer of the server's events has thrown into it. */
  observerThrew(error: unknown): void;
}

/** Receives what a listening socket accepts. */
export interface Acceptor {
  /** Takes a connection. The transport's events must come after this call, if there is somebody to get them. */
  accept(transport: Transport): TransportEvents | undefined;
  /** Accepting failed, or connections were lost before they could be accepted; listening goes on. */
  acceptFailed(error: unknown): void;
  /** Connections that are open. */
  readonly size: number;
}

type State = 'opening' | 'serving' | 'draining' | 'closed';

export class Server implements ConnectionOwner, AdmissionOwner, Acceptor {
  private state: State = 'opening';
  private readonly settings: ServerSettings;
  private readonly onError: HandleSettings['onError'];
  private readonly keeper: SweepingTimekeeper;
  private readonly admission: Admission;
  private readonly inspector: Inspector | undefined;
  private readonly listening = new Subscription();
  private untilNotified: Subscription | undefined;
  private readonly drainTimers = new Subscription();
  readonly draining = new AsyncSubject<void>();

  constructor(
    private readonly handler: AnyScgiHandler,
    settings: ServerSettings,
    private readonly runtime: ServerRuntime,
    private readonly subscriber: Subscriber<ServerEvent>,
  ) {
    const { handle, write } = settings;
    // The connections decide what is a failure: not everything that the engine reports is one to a server.
    this.settings = { ...settings, handle: { ...handle, onError: () => undefined } };
    this.onError = handle.onError;
    const { bodyTimeoutMs, bodyTotalTimeoutMs, handlerTimeoutMs, headersTimeoutMs, scheduler } = handle;
    const timeoutsMs = [
      headersTimeoutMs,
      bodyTimeoutMs,
      bodyTotalTimeoutMs,
      handlerTimeoutMs,
      write.sendTimeoutMs,
      write.lingerMs,
    ];
    this.keeper = new SweepingTimekeeper(scheduler, tickFor(timeoutsMs));
    this.admission = new Admission(this.settings, this);
    if (settings.inspect) {
      const { keeper } = this;
      this.inspector = new Inspector(settings.inspect, keeper.now, (thrown) => runtime.observerThrew(thrown));
    }
  }

  start(): void {
    const { runtime, settings } = this;
    // Before anything is bound: a signal that comes meanwhile counts.
    this.untilNotified = settings.until?.pipe(take(1)).subscribe({
      next: () => this.drain(),
      error: (error: unknown) => this.subscriber.error(error),
    });
    if (this.subscriber.closed) return;
    this.listening.add(
      runtime.listen(this).subscribe({
        next: (addresses) => this.serve(addresses),
        error: (error: unknown) => {
          // All or none: connections to those that could be bound are not served either.
          this.admission.cutAll();
          this.subscriber.error(error);
        },
      }),
    );
  }

  /** Ends everything now: the server has been unsubscribed. */
  abort(): void {
    this.state = 'closed';
    this.listening.unsubscribe();
    this.untilNotified?.unsubscribe();
    this.drainTimers.unsubscribe();
    this.admission.cutAll();
  }

  // ---- Acceptor

  accept(transport: Transport): TransportEvents | undefined {
    return this.admission.enter(transport);
  }

  acceptFailed(error: unknown): void {
    this.admission.report(error);
  }

  get size(): number {
    return this.admission.size;
  }

  // ---- AdmissionOwner

  connect(transport: Transport): Connection {
    const { handler, inspector, keeper, settings } = this;
    if (!inspector) return new Connection(transport, handler, settings, keeper, this);
    const inspected = new InspectedTransport(transport, inspector.connect());
    return new InspectedConnection(inspected, handler, settings, keeper, this);
  }

  lackOfRoom(connections: number): unknown {
    return this.runtime.lackOfRoom?.(connections);
  }

  now(): number {
    return this.keeper.now();
  }

  get inputDelivered(): Observable<unknown> {
    return this.runtime.inputDelivered;
  }

  left(): void {
    this.closeWhenDrained();
  }

  overloaded(error: unknown): void {
    this.report(error, undefined);
    this.emit({ type: 'failure', error, request: undefined });
  }

  // ---- ConnectionOwner

  emit(event: ServerEvent): void {
    if (this.state === 'closed') return;
    try {
      this.runtime.publish?.(event);
      this.subscriber.next(event);
    } catch (thrown) {
      this.runtime.observerThrew(thrown);
    }
  }

  report(error: unknown, request: ScgiRequest | undefined): void {
    if (this.state === 'closed') return;
    try {
      this.onError(error, request);
    } catch (thrown) {
      this.emit({ type: 'failure', error: thrown, request });
    }
  }

  guard(run: () => void): void {
    if (this.runtime.guard) this.runtime.guard(run);
    else run();
  }

  waitedTooLong(connection: Connection, error: ScgiLimitError): void {
    this.overloaded(error);
    this.admission.refuse(connection, error);
  }

  connectionClosed(connection: Connection): void {
    this.admission.leave(connection);
  }

  // ---- the stages

  private serve(addresses: readonly string[]): void {
    this.state = 'serving';
    for (const address of addresses) this.emit({ type: 'listening', address });
    this.admission.start();
  }

  private drain(): void {
    const { admission } = this;
    const { drainTimeoutMs, handle } = this.settings;
    // Connections to an address that was bound while others were not have not been let in.
    if (this.state === 'opening') admission.cutAll();
    this.state = 'draining';
    this.listening.unsubscribe();
    this.emit({ type: 'draining', connections: admission.size });
    this.draining.next();
    this.draining.complete();
    // Again and again: those that are let in from the waiting line have their time as well.
    this.drainTimers.add(
      interval(HEAD_GRACE_MS, handle.scheduler)
        .pipe(exhaustMap(() => this.inputDelivered))
        .subscribe(() => admission.cutHeadless(HEAD_GRACE_MS, this.drainTimeout(HEAD_GRACE_MS))),
    );
    if (drainTimeoutMs !== Infinity) {
      this.drainTimers.add(
        timer(drainTimeoutMs, handle.scheduler)
          .pipe(mergeMap(() => this.inputDelivered))
          .subscribe(() => this.cutRest()),
      );
    }
    this.closeWhenDrained();
  }

  private cutRest(): void {
    this.admission.cutAll(this.drainTimeout(this.settings.drainTimeoutMs));
    this.closeWhenDrained();
  }

  private drainTimeout(ms: number): ScgiLimitError {
    const what = ms === HEAD_GRACE_MS ? 'no complete head of a request came' : 'the exchange was not over';
    const message = `the server is shutting down, and ${what} within ${ms} ms (drainTimeoutMs at most)`;
    return new ScgiLimitError('ERR_SCGI_DRAIN_TIMEOUT', message, ms, ms);
  }

  private closeWhenDrained(): void {
    if (this.state !== 'draining' || this.admission.size > 0) return;
    this.emit({ type: 'closed' });
    this.subscriber.complete();
  }
}
