/** `rxscgi dev`: the HTTP front end in this process, and the application in another one. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  EMPTY,
  NEVER,
  ReplaySubject,
  Subject,
  asyncScheduler,
  catchError,
  concat,
  defer,
  filter,
  finalize,
  first,
  map,
  merge,
  mergeMap,
  of,
  share,
  switchMap,
  takeUntil,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { readProperty } from '../../core/errors/error-facts.js';
import { isAllowedHost } from '../../node/gateway/http/allowed-hosts.js';
import { makeGateway, type ScgiGateway } from '../../node/gateway/scgi-gateway.js';
import { listenError } from '../../system/addresses/listen-error.js';
import { newPrimaryName } from '../../system/addresses/worker-socket.js';
import { STOP_TIMEOUT_MS } from '../application/application.js';
import { CommandError, EXIT_FAILED } from '../command-error.js';
import { serveHttp } from '../commands/http-front.js';
import { InspectRecord } from '../inspect/inspect-record.js';
import { serveInspect } from '../inspect/serve-inspect.js';
import { accessLog, type LogFormat } from '../log/access-log.js';
import { shortPath } from '../log/error-text.js';
import { logEventOf } from '../log/gateway-log-event.js';
import { failuresInFlags } from '../log/in-flags.js';
import type { LogLine } from '../log/log-output.js';
import { processLog } from '../log/process-log.js';
import { forkWorker } from '../workers/fork-worker.js';
import { watchModule } from '../workers/watch-files.js';
import type { PoolEvent, WorkerDeath } from '../workers/worker-event.js';
import { WorkerReaper } from '../workers/worker-reaper.js';
import { keepRestarting, type ApplicationEvent } from './keep-restarting.js';
import { openBrowser } from './open-browser.js';
import { RequestGate } from './request-gate.js';

export interface DevPlan {
  /** The path of the module. */
  readonly path: string;
  /** Where the front end listens. */
  readonly host: string;
  readonly port: number;
  /** Names that requests may be sent to, in lower case, beside `localhost` and IP addresses. */
  readonly allowedHosts: readonly string[];
  /** How long the requests under way may take when the application is to end, in milliseconds. */
  readonly drainTimeoutMs: number;
  /** Whether a change of the code restarts the application. */
  readonly watches: boolean;
  /** Whether to open a browser. */
  readonly opens: boolean;
  /** Where the live view listens, if there is to be one. */
  readonly inspectPort: number | undefined;
  readonly log: LogFormat;
}

/** A developer may halt the application in a debugger. */
const UNHURRIED = { headersTimeoutMs: Infinity, bodyTimeoutMs: Infinity, sendTimeoutMs: Infinity };

/** At a signal, an application that takes this much longer than its `stop()` may take is stuck, and is killed. */
const STOP_GRACE_MS = 5000;

/** At a restart, it is killed this long after it should have drained: nobody wants to wait for a `stop()` then. */
const RESTART_GRACE_MS = 3000;

/**
 * Serves a module over HTTP: cold.
 *
 *     stop:         -------------------------s
 *     front end:    --l----------------------d---|
 *     application:    ---r------c---r--------d--|         in its own process: r ready, c the code has changed, d drains
 *     result:       -----U------C---R--------D---(L|)     U the URL, others lines of the log
 *
 * @param stop - tells it to drain; must replay.
 * Error notifications: CommandError when the port is in use, when the application fails and nobody watches for changes, or fails to end.
 */
export function serveDev(plan: DevPlan, stop: Observable<unknown>): Observable<LogLine> {
  return defer(() => new DevServer(plan, stop).run());
}

class DevServer {
  private readonly gate = new RequestGate({ isTrusted: (request) => this.isTrusted(request) });
  private readonly frontClosed = new ReplaySubject<void>(1);
  private readonly gateways = new Subject<ScgiGateway>();
  private readonly asides = new Subject<PoolEvent>();
  private readonly record: InspectRecord | undefined;
  /** The file because of whose change the application is started anew. */
  private changed: string | undefined;

  constructor(
    private readonly plan: DevPlan,
    private readonly stop: Observable<unknown>,
  ) {
    if (plan.inspectPort !== undefined)
      this.record = new InspectRecord(String(process.pid), () => asyncScheduler.now());
  }

  run(): Observable<LogLine> {
    const { plan, stop, gate, gateways, frontClosed, asides } = this;
    const { host, port, drainTimeoutMs, log } = plan;
    const closing = stop.subscribe(() => gate.set({ type: 'over' }));
    const front = serveHttp(gate.listener, { host, port, until: stop, drainTimeoutMs }).pipe(
      catchError((error: unknown) => throwError(() => frontError(error, host, port))),
      finalize(() => frontClosed.next()),
      share(),
    );
    const draining = front.pipe(filter((event) => event.type === 'draining'));
    // Requests that could not be forwarded, and responses that broke off.
    const failures = gateways.pipe(
      switchMap(({ events }) => events),
      filter(({ type }) => type === 'failure'),
      map(logEventOf),
      failuresInFlags(['allowedHosts']),
      takeUntil(frontClosed),
    );
    const application = front.pipe(
      first((event) => event.type === 'listening'),
      switchMap(({ url }) => merge(this.inspect(), this.runApplication(url))),
    );
    const lines = merge(
      merge(draining, failures).pipe(accessLog(log, { withStacks: true })),
      asides.pipe(processLog(log), takeUntil(frontClosed)),
      application,
    );
    return concat(lines, of<PoolEvent>({ type: 'closed' }).pipe(processLog(log))).pipe(
      finalize(() => closing.unsubscribe()),
    );
  }

  private inspect(): Observable<LogLine> {
    const { plan, record, stop } = this;
    if (!record || plan.inspectPort === undefined) return EMPTY;
    return serveInspect(record, plan.inspectPort, stop).pipe(
      map((url): PoolEvent => ({ type: 'inspecting', url })),
      processLog(plan.log),
    );
  }

  private runApplication(url: string): Observable<LogLine> {
    const { plan, record, stop, gate, asides } = this;
    const { path, watches, drainTimeoutMs, log } = plan;
    const drainDeadlineMs = drainTimeoutMs + STOP_TIMEOUT_MS + STOP_GRACE_MS;
    const reaper = new WorkerReaper(drainDeadlineMs);
    const primaryName = newPrimaryName();
    const imported = new Subject<string>();
    let isShown = false;

    const events = keepRestarting({
      start: (until) => {
        record?.begin(this.changed);
        this.changed = undefined;
        return forkWorker({
          primaryName,
          until,
          end: NEVER,
          drainDeadlineMs,
          imported: (file) => imported.next(file),
          inspected: (batch) => record?.add(batch),
          reaper,
        });
      },
      changes: watches
        ? watchModule(path, imported, (reason) => asides.next({ type: 'watch-failed', reason }))
        : undefined,
      stop,
      quiet: gate.quiet(drainTimeoutMs),
      restartDeadlineMs: drainTimeoutMs + RESTART_GRACE_MS,
    });
    return events.pipe(
      tap((event) => this.setGate(event)),
      mergeMap((event) => {
        const logged = poolEventOf(event, isShown);
        const lines = logged ? of(logged).pipe(processLog(log)) : EMPTY;
        if (isShown || (event.type !== 'ready' && event.type !== 'failed')) return lines;
        isShown = true;
        return concat(of<LogLine>({ to: 'stdout', text: url }), lines, this.open(url));
      }),
      finalize(() => reaper.close()),
    );
  }

  private setGate(event: ApplicationEvent): void {
    switch (event.type) {
      case 'ready':
        this.gate.set({ type: 'ready', forward: this.gatewayTo(event.address) });
        break;
      case 'restarting':
        this.gate.set({ type: 'starting' });
        this.changed = shortPath(event.file);
        break;
      case 'failed': {
        const { lines } = event.death;
        this.gate.set({ type: 'failed', failure: { message: reasonOf(event.death), lines } });
        break;
      }
      case 'stop-failed':
        break;
      default:
        event satisfies never;
    }
  }

  private gatewayTo(address: string): RequestListener {
    const { allowedHosts } = this.plan;
    // Over HTTP/1, these are requests and responses of node:http.
    const gateway = makeGateway(address, { ...UNHURRIED, allowedHosts }, (error, request, response) =>
      this.gate.explain(error, request as IncomingMessage, response as ServerResponse),
    );
    this.gateways.next(gateway);
    return gateway;
  }

  /** Tells whether a browser or a program on this machine sent a request. A page of another site would name that site. */
  private isTrusted({ socket, headers }: IncomingMessage): boolean {
    return (
      isLoopback(socket.remoteAddress) && isAllowedHost(headers.host ?? 'localhost', this.plan.allowedHosts)
    );
  }

  private open(url: string): Observable<LogLine> {
    if (!this.plan.opens) return EMPTY;
    return openBrowser(url).pipe(
      map((reason): PoolEvent => ({ type: 'open-failed', reason })),
      processLog(this.plan.log),
      takeUntil(this.frontClosed),
    );
  }
}

/** @param hasRun - whether the application has been ready, or has failed, before. */
function poolEventOf(event: ApplicationEvent, hasRun: boolean): PoolEvent | undefined {
  switch (event.type) {
    case 'ready':
      return hasRun ? { type: 'restarted' } : undefined;
    case 'restarting':
      return { type: 'restarting', file: shortPath(event.file) };
    case 'failed':
      return { type: 'application-failed', reason: reasonOf(event.death) };
    case 'stop-failed':
      return { type: 'worker-died', pid: event.death.pid, reason: event.death.reason, restartInMs: 0 };
    default:
      return event satisfies never;
  }
}

/** Says why the application does not run: what it reported itself, the error that it died of, or how it died. */
function reasonOf({ message, reason, lines: [title] }: WorkerDeath): string {
  return message === reason ? message : `the application died: ${title ?? reason}`;
}

function isLoopback(address: string | undefined): boolean {
  return /^(?:::1$|(?:::ffff:)?127\.)/.test(address ?? '');
}

function frontError(error: unknown, host: string, port: number): unknown {
  if (readProperty(error, 'code') !== 'EADDRINUSE') return listenError(error, { kind: 'tcp', host, port });
  return new CommandError(
    `port ${port} is in use: choose another with --port PORT, or any free one with --port 0`,
    EXIT_FAILED,
  );
}
