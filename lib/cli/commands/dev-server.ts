/** Serves an application and its HTTP front end in one process, with a socket between them. */
import {
  Subject,
  catchError,
  defer,
  endWith,
  filter,
  finalize,
  first,
  ignoreElements,
  map,
  merge,
  share,
  switchMap,
  takeUntil,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { readProperty } from '../../core/error-facts.js';
import { scgiGateway } from '../../node/gateway/scgi-gateway.js';
import { listenError } from '../../system/listen-error.js';
import type { ServeOptions } from '../../system/serve-options.js';
import { serveScgi } from '../../node/serve-scgi.js';
import type { ScgiHandler } from '../../operators/types.js';
import { logEventOf } from '../log/gateway-log-event.js';
import type { LogEvent } from '../log/request-facts.js';
import { accessLog, type LogFormat } from '../log/access-log.js';
import { CommandError, EXIT_FAILED } from '../command-error.js';
import { serveHttp } from './http-front.js';
import type { LogLine } from '../log/log-output.js';

export interface DevServerOptions {
  readonly handler: ScgiHandler;
  readonly options: ServeOptions;
  /** Where the front end listens. */
  readonly host: string;
  readonly port: number;
  readonly drainTimeoutMs: number;
  readonly until: Observable<unknown>;
  readonly log: LogFormat;
}

/** How long the application may take once nobody waits for its responses any more. */
const ABANDONED_MS = 200;

/** A developer may stop the application in a debugger. */
const UNHURRIED = { headersTimeoutMs: Infinity, bodyTimeoutMs: Infinity, sendTimeoutMs: Infinity };

/**
 * Serves the application and the front end.
 *
 *     until:   -----------u
 *     front:   ---l-------d---|         drains first: its requests need the application
 *     server:  -l---q-s-q---s-----(c|)
 *     result:  ---U---s-----d-s---(c|)    U the URL, others lines of the log
 *
 * Error notifications: CommandError when the port is in use; the system's errors.
 */
export function serveBoth(dev: DevServerOptions): Observable<LogLine> {
  const { handler, options, host, port, drainTimeoutMs, until, log } = dev;
  return defer(() => {
    const frontClosed = new Subject<void>();
    const reports = new Subject<LogEvent>();
    const server = serveScgi(handler, {
      ...options,
      // By TCP, whose reset shows that a response was cut short.
      listen: '127.0.0.1:0',
      drainTimeoutMs: ABANDONED_MS,
      // The log has every error.
      onError: () => undefined,
      until: frontClosed,
    }).pipe(share());
    const front = server.pipe(
      first((event) => event.type === 'listening'),
      switchMap(({ address }) => {
        const gateway = scgiGateway(address, { ...UNHURRIED, allowedHosts: [] });
        const failures = gateway.events.pipe(
          filter(({ type }) => type === 'failure'),
          tap((event) => reports.next(logEventOf(event))),
          ignoreElements(),
        );
        const events = serveHttp(gateway, { host, port, until, drainTimeoutMs }).pipe(share());
        return merge(failures.pipe(takeUntil(events.pipe(ignoreElements(), endWith(undefined)))), events);
      }),
      catchError((error: unknown) => throwError(() => frontError(error, host, port))),
      finalize(() => {
        frontClosed.next();
        reports.complete();
      }),
      share(),
    );
    const urls = front.pipe(
      filter((event) => event.type === 'listening'),
      map(({ url }): LogLine => ({ to: 'stdout', text: url })),
    );
    const draining = front.pipe(filter((event) => event.type === 'draining'));
    // The private address is not reported, nor are requests that are abandoned once nobody waits for them.
    const told = server.pipe(
      filter(({ type }) => type === 'response' || type === 'failure'),
      takeUntil(frontClosed),
    );
    const closed = server.pipe(filter(({ type }) => type === 'closed'));
    return merge(urls, merge(told, draining, reports, closed).pipe(accessLog(log, { withStacks: true })));
  });
}

function frontError(error: unknown, host: string, port: number): unknown {
  // The application's own address has been named already.
  if (readProperty(error, 'cause') !== undefined) return error;
  if (readProperty(error, 'code') !== 'EADDRINUSE') return listenError(error, { kind: 'tcp', host, port });
  return new CommandError(
    `port ${port} is in use: choose another with --port PORT, or any free one with --port 0`,
    EXIT_FAILED,
  );
}
