/** The page of the live view, and the stream of events that it shows. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EMPTY, catchError, defer, finalize, from, interval, map, merge, of, type Observable } from 'rxjs';
import { serverSentEvents, type ServerSentEvent } from '../../operators/makers/server-sent-events.js';
import { text } from '../../operators/makers/response-makers.js';
import type { ScgiHandler, ScgiResponse } from '../../operators/types.js';
import type { InspectRecord } from './inspect-record.js';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** A file of the folder, or of a folder in it: names have no dot but that of the type, so that no path leads out. */
const ASSET = /^\/((?:[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9-]*\.(html|js|css|svg))$/;

/** What is shown comes from anywhere: nothing of it may run, and no other site may frame or read it. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** How often a page is told what time it is. */
const CLOCK_MS = 1000;

/** How soon a page connects again. */
const RETRY_MS = 500;

/** How soon a page connects again that is one too many. */
const RETRY_WHEN_FULL_MS = 5000;

/**
 * Makes the handler of the page.
 *
 * @param folder - has its files.
 * @param maxPages - how many get events at a time. One more has its stream ended at once, and connects again later.
 */
export function inspectPage(record: InspectRecord, folder: string, maxPages: number): ScgiHandler {
  let pages = 0;
  const watched = (lastEventId: string | undefined): ScgiResponse => {
    if (pages >= maxPages) return serverSentEvents(EMPTY, { retryMs: RETRY_WHEN_FULL_MS, headers: HEADERS });
    const events = defer(() => {
      pages++;
      return eventsOf(record, lastEventId).pipe(finalize(() => pages--));
    });
    return serverSentEvents(events, { retryMs: RETRY_MS, headers: HEADERS });
  };
  return ({ lastEventId, method, path }) => {
    if (method !== 'GET' && method !== 'HEAD')
      return of(text('Method Not Allowed\n', { status: 405, headers: { ...HEADERS, Allow: 'GET, HEAD' } }));
    if (path === '/events') return of(watched(lastEventId));
    const [, name, type] = ASSET.exec(path === '/' ? '/index.html' : path) ?? [];
    if (name === undefined || type === undefined) return of(notFound());
    return from(readFile(join(folder, name))).pipe(
      map((body): ScgiResponse => ({ headers: { ...HEADERS, 'Content-Type': TYPES[type] ?? '' }, body })),
      catchError(() => of(notFound())),
    );
  };
}

/** What a page has missed, or a snapshot; then what comes, and the time. */
function eventsOf(record: InspectRecord, lastEventId: string | undefined): Observable<ServerSentEvent> {
  return merge(
    defer(() => from(record.since(lastEventId))),
    record.messages,
    interval(CLOCK_MS).pipe(map(() => ({ event: 'now', data: JSON.stringify({ at: record.at }) }))),
  );
}

function notFound(): ScgiResponse {
  return text('Not Found\n', { status: 404, headers: HEADERS });
}
