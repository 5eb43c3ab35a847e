/**
 * A server's life, from its listening sockets to the end of its last connection.
 *
 *     opening ──all are bound──▶ serving ──until──▶ draining ──the last connection, or the deadline──▶ closed
 *        └── one cannot be ──▶ error
 */
import {
  Subscription,
  asyncScheduler,
  combineLatest,
  exhaustMap,
  interval,
  take,
  type Subscriber,
} from 'rxjs';
import { ScgiLimitError } from '../core/errors.js';
import type { AnyScgiHandler } from '../operators/types.js';
import { Admission } from './admission.js';
import { Connection, type ConnectionOwner } from './connection.js';
import { publishEvent } from '../node/diagnostics.js';
import { openServer, type OpenServer } from '../node/listening/open-server.js';
import { pollTurn } from '../node/poll-turn.js';
import type { ServeSettings } from './serve-options.js';
import type { ServerEvent } from './server-event.js';
import { SweepingTimekeeper, tickFor } from './sweeping-timekeeper.js';

/** On draining: a gateway sends its request as soon as it has connected; who has sent nothing by then is not going to. */
const IDLE_GRACE_MS = 1000;

type State = 'opening' | 'serving' | 'draining' | 'closed';

export class Server implements ConnectionOwner {
  private state: State = 'opening';
  private readonly admission: Admission;
  private readonly listening = new Subscription();
  private untilNotified: Subscription | undefined;
  private readonly drainTimers = new Subscription();

  constructor(
    handler: AnyScgiHandler,
    private readonly settings: ServeSettings,
    private readonly subscriber: Subscriber<ServerEvent>,
  ) {
    const { handle, write } = settings;
    const timeoutsMs = [
      handle.headersTimeoutMs,
      handle.bodyTimeoutMs,
      handle.handlerTimeoutMs,
      write.sendTimeoutMs,
    ];
    const keeper = new SweepingTimekeeper(handle.scheduler, tickFor([...timeoutsMs, write.lingerMs]));
    this.admission = new Admission(
      settings,
      (socket) => new Connection(socket, handler, settings, keeper, this),
      () => this.closeWhenDrained(),
      (error) => this.emit({ type: 'failure', error, request: undefined }),
    );
  }

  start(): void {
    const { admission, settings } = this;
    // Before anything is bound: a signal that comes meanwhile counts.
    this.untilNotified = settings.until?.pipe(take(1)).subscribe({
      next: () => this.drain(),
      error: (error: unknown) => this.subscriber.error(error),
    });
    if (this.subscriber.closed) return;
    const servers = settings.addresses.map((address, index) =>
      openServer(address, index, {
        access: settings.access,
        connected: (socket) => admission.enter(socket),
        acceptFailed: (error) => admission.report(error),
      }),
    );
    this.listening.add(
      combineLatest(servers).subscribe({
        next: (opened) => this.serve(opened),
        error: (error: unknown) => {
          // All or none: what has connected to those that could be bound is not served either.
          admission.cutAll();
          this.subscriber.error(error);
        },
      }),
    );
  }

  /** Unsubscribed: everything ends now. */
  abort(): void {
    this.state = 'closed';
    this.listening.unsubscribe();
    this.untilNotified?.unsubscribe();
    this.drainTimers.unsubscribe();
    this.admission.cutAll();
  }

  // ---- ConnectionOwner

  emit(event: ServerEvent): void {
    if (this.state === 'closed') return;
    publishEvent(event);
    this.subscriber.next(event);
  }

  connectionClosed(connection: Connection): void {
    this.admission.leave(connection);
  }

  // ---- the stages

  private serve(servers: readonly OpenServer[]): void {
    this.state = 'serving';
    for (const { address } of servers) this.emit({ type: 'listening', address });
    this.admission.start();
    this.listening.add(this.admission.watchDescriptors());
  }

  private drain(): void {
    // Who has connected to an address while another was being bound has not been let in.
    if (this.state === 'opening') this.admission.cutAll();
    this.state = 'draining';
    const { drainTimeoutMs } = this.settings;
    this.listening.unsubscribe();
    this.emit({ type: 'draining', connections: this.admission.size });
    // Again and again: those that are let in from the waiting line have their time as well.
    this.drainTimers.add(
      interval(IDLE_GRACE_MS)
        .pipe(exhaustMap(() => pollTurn))
        .subscribe(() => this.admission.cutIdle(IDLE_GRACE_MS)),
    );
    if (drainTimeoutMs !== Infinity) {
      this.drainTimers.add(asyncScheduler.schedule(() => this.cutRest(), drainTimeoutMs));
    }
    this.closeWhenDrained();
  }

  private cutRest(): void {
    const ms = this.settings.drainTimeoutMs;
    const message = `the exchange was not over within drainTimeoutMs, ${ms} ms`;
    this.admission.cutAll(new ScgiLimitError('ERR_SCGI_DRAIN_TIMEOUT', message, ms, ms));
    this.closeWhenDrained();
  }

  private closeWhenDrained(): void {
    if (this.state !== 'draining' || this.admission.size > 0) return;
    this.emit({ type: 'closed' });
    this.subscriber.complete();
  }
}
