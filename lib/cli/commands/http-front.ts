/** An HTTP server, as an Observable. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Observable, take, timer } from 'rxjs';

/** What the front end reports. */
export type FrontEvent =
  | { readonly type: 'listening'; readonly url: string }
  /** `until` notified: no more connections are accepted, the requests under way are finished. */
  | { readonly type: 'draining'; readonly connections: number };

export interface FrontOptions {
  /** An address of this machine, or a name of one. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly until: Observable<unknown>;
  /** How long the requests under way may take after `until`, in milliseconds. */
  readonly drainTimeoutMs: number;
  /** How long a client may take to send a request, in milliseconds. Default: as long as it likes. */
  readonly requestTimeoutMs?: number;
}

/** How long a client may take to send the head of a request; without it, Node.js would not limit that where the rest has no limit. */
const HEADERS_TIMEOUT_MS = 60_000;

/** How often idle connections are closed while draining. */
const IDLE_CHECK_MS = 50;

/**
 * Serves a listener: cold; completes when drained. Unsubscribing closes all connections.
 *
 * Error notifications: the system's error when the port cannot be bound.
 */
export function serveHttp(listener: RequestListener, options: FrontOptions): Observable<FrontEvent> {
  const { host, port, until, drainTimeoutMs, requestTimeoutMs = Infinity } = options;
  return new Observable((subscriber) => {
    let draining = false;
    const headersTimeout = Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs);
    const requestTimeout = requestTimeoutMs === Infinity ? 0 : requestTimeoutMs;
    const serve: RequestListener = (request, response) => {
      if (draining) response.setHeader('Connection', 'close');
      listener(request, response);
    };
    const server = createServer({ requestTimeout, headersTimeout }, serve);
    // The gateway tells the client to go on when the application takes the body.
    server.on('checkContinue', serve);
    const drain = (): void => {
      draining = true;
      server.getConnections((_error, connections) => {
        server.close(() => subscriber.complete());
        subscriber.next({ type: 'draining', connections });
      });
      subscriber.add(timer(0, IDLE_CHECK_MS).subscribe(() => server.closeIdleConnections()));
      if (drainTimeoutMs === Infinity) return;
      subscriber.add(timer(drainTimeoutMs).subscribe(() => server.closeAllConnections()));
    };
    server.on('error', (error) => {
      // One connection that cannot be accepted does not end the others.
      if (!server.listening) subscriber.error(error);
    });
    server.listen(port, host, () => {
      subscriber.next({ type: 'listening', url: urlOf(server.address() as AddressInfo) });
      subscriber.add(until.pipe(take(1)).subscribe(drain));
    });
    return () => {
      server.close();
      server.closeAllConnections();
    };
  });
}

/** Returns a URL that works on this machine. */
function urlOf({ address, port }: AddressInfo): string {
  const isEvery = address === '0.0.0.0' || address === '::';
  const host = isEvery ? 'localhost' : address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}
