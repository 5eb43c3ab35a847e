/** Serves an application and its HTTP front end in one process, with a socket between them. */
import {
  Subject,
  catchError,
  defer,
  filter,
  finalize,
  first,
  map,
  merge,
  share,
  switchMap,
  takeUntil,
  throwError,
  type Observable,
} from 'rxjs';
import { readProperty } from '../../core/error-facts.js';
import { listenError } from '../../system/listen-error.js';
import { GatewayError } from '../../node/gateway/gateway-error.js';
import { httpToScgi } from '../../node/gateway/http-to-scgi.js';
import type { ServeOptions } from '../../system/serve-options.js';
import { serveScgi } from '../../node/serve-scgi.js';
import type { ServerEvent } from '../../server/server-event.js';
import type { ScgiHandler } from '../../operators/types.js';
import { accessLog, type LogFormat } from '../log/access-log.js';
import { CommandError, EXIT_FAILED } from '../command-error.js';
import { serveHttp } from './http-front.js';
import type { LogLine } from '../log/log-output.js';

export interface DevServerOptions {
  readonly handler: ScgiHandler;
  /** A Unix socket that nobody else can reach. */
  readonly address: string;
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
  const { handler, address, options, host, port, drainTimeoutMs, until, log } = dev;
  return defer(() => {
    const frontClosed = new Subject<void>();
    const reports = new Subject<ServerEvent>();
    const server = serveScgi(handler, {
      ...options,
      listen: address,
      drainTimeoutMs: ABANDONED_MS,
      // The log has every error.
      onError: () => undefined,
      until: frontClosed,
    }).pipe(share());
    const listener = httpToScgi(address, {
      events: server,
      onError: (error, { method = '', url = '' }) => reports.next(forwardFailure(error, `${method} ${url}`)),
    });
    const front = server.pipe(
      first(({ type }) => type === 'listening'),
      switchMap(() => serveHttp(listener, { host, port, until, drainTimeoutMs })),
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

function forwardFailure(error: unknown, target: string): ServerEvent {
  // The log names requests as the application sees them, and it may not have seen this one.
  const told =
    error instanceof GatewayError
      ? // Not a fault of the code: its stack is of no use.
        Object.assign(new GatewayError(error.code, `${target}: ${error.message}`), { stack: '' })
      : error;
  return { type: 'failure', error: told, request: undefined };
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
