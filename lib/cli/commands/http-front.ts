/** An HTTP server for this machine, as an Observable. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Observable, take, timer } from 'rxjs';

/** What the front end reports. */
export type FrontEvent =
  | { readonly type: 'listening'; readonly url: string }
  /** `until` notified: no more connections are accepted, the requests under way are finished. */
  | { readonly type: 'draining'; readonly connections: number };

export interface FrontOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly until: Observable<unknown>;
  /** How long the requests under way may take after `until`, in milliseconds. */
  readonly drainTimeoutMs: number;
}

const HOST = '127.0.0.1';
/** How often idle connections are closed while draining. */
const IDLE_CHECK_MS = 50;

/**
 * Serves a listener on 127.0.0.1: cold; completes when drained. Unsubscribing closes all connections.
 *
 * Error notifications: the system's error when the port cannot be bound.
 */
export function serveHttp(listener: RequestListener, options: FrontOptions): Observable<FrontEvent> {
  const { port, until, drainTimeoutMs } = options;
  return new Observable((subscriber) => {
    // An upload may take as long as it likes: the server is for one person.
    const server = createServer({ requestTimeout: 0 }, listener);
    const drain = (): void => {
      server.getConnections((_error, connections) => {
        server.close(() => subscriber.complete());
        subscriber.next({ type: 'draining', connections });
      });
      subscriber.add(timer(0, IDLE_CHECK_MS).subscribe(() => server.closeIdleConnections()));
      if (drainTimeoutMs === Infinity) return;
      subscriber.add(timer(drainTimeoutMs).subscribe(() => server.closeAllConnections()));
    };
    server.on('error', (error) => subscriber.error(error));
    server.listen(port, HOST, () => {
      const { port: bound } = server.address() as AddressInfo;
      subscriber.next({ type: 'listening', url: `http://${HOST}:${bound}/` });
      subscriber.add(until.pipe(take(1)).subscribe(drain));
    });
    return () => {
      server.close();
      server.closeAllConnections();
    };
  });
}
