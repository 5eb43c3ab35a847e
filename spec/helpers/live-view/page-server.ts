/** Serves the page of the live view, as `rxscgi dev --inspect` does, and sends it events that a spec chooses. */
import { createReadStream } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { InspectEvent } from '../../../lib/server/inspect/inspect-event.js';
import { ROOT } from '../command/build.js';

export const PAGE = join(ROOT, 'lib/cli/inspect/page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** What the page gets besides events. */
export type PageEvent =
  InspectEvent | { readonly type: 'restart'; readonly connection: 0; readonly at: number };

export class PageServer {
  private readonly clients = new Set<ServerResponse>();
  private readonly server: Server;
  /** What a page that connects gets first. */
  snapshot: object = { version: 1, originMs: 1_790_000_000_000, nowMs: 0, exchanges: [], restarts: [] };

  constructor() {
    this.server = createServer(({ url = '/' }, response) => {
      const { pathname } = new URL(url, 'http://localhost');
      if (pathname === '/events') {
        this.open(response);
        return;
      }
      const path = join(PAGE, pathname === '/' ? 'index.html' : pathname);
      response.writeHead(200, {
        'Content-Type': TYPES[extname(path)] ?? 'text/plain',
        'Content-Security-Policy': POLICY,
      });
      createReadStream(path)
        .on('error', () => response.end())
        .pipe(response);
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  send(events: readonly PageEvent[]): void {
    this.write('inspect', events);
  }

  /** Tells what time it is. */
  now(at: number): void {
    this.write('now', { at });
  }

  /** Ends the streams of events, as a server that goes away. */
  hangUp(): void {
    for (const client of this.clients) client.end();
    this.clients.clear();
  }

  close(): void {
    this.hangUp();
    this.server.close();
    this.server.closeAllConnections();
  }

  private open(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    this.clients.add(response);
    response.on('close', () => this.clients.delete(response));
    response.write(`retry: 100\nevent: snapshot\ndata: ${JSON.stringify(this.snapshot)}\n\n`);
  }

  private write(event: string, data: unknown): void {
    for (const client of this.clients) client.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
