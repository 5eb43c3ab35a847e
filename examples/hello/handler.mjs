// A small site: a page, an upload that is counted while it streams, and live events.
//
//     rxscgi dev examples/hello/handler.mjs                               open http://127.0.0.1:8080/
//     rxscgi serve examples/hello/handler.mjs --listen 127.0.0.1:4000     behind a web server
import { readFileSync } from 'node:fs';
import {
  BehaviorSubject,
  Subject,
  asyncScheduler,
  connect,
  defer,
  finalize,
  ignoreElements,
  last,
  map,
  merge,
  of,
  scan,
  shareReplay,
  startWith,
  tap,
  throttleTime,
  timer,
} from 'rxjs';
import { serverSentEvents } from 'rxscgi';

const template = readFileSync(new URL('index.html', import.meta.url), 'utf8');

/** Takes a request and returns an Observable of its one response. */
export default function handle(request) {
  switch (request.path) {
    case '/':
      return only(request, 'GET', showPage);
    case '/events':
      return only(request, 'GET', streamEvents);
    case '/upload':
      return only(request, 'PUT', countUpload);
    default:
      return of(text('404 Not Found', `There is no ${request.path} here.`));
  }
}

function only(request, method, action) {
  // HEAD is answered like GET: the server leaves the body out.
  if (request.method === method || (method === 'GET' && request.method === 'HEAD')) return action(request);
  return of(text(405, `${request.path} takes ${method}.`, { Allow: method }));
}

// ---- The page: the request's variables in a table.

function showPage({ variables }) {
  const rows = Array.from(
    variables,
    ([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(value)}</td></tr>`,
  );
  // A function, because `$&` would have a meaning in a string.
  const body = template.replace('<!-- variables -->', () => rows.join('\n'));
  return of({ headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }, body });
}

// ---- An upload, counted while it streams.

/** The progress of all uploads, for everybody who has the page open. */
const progress = new Subject();

function countUpload({ body, contentLength, query }) {
  const id = new URLSearchParams(query).get('id') ?? '';
  const started = Date.now();
  return body.pipe(
    scan((bytes, chunk) => bytes + chunk.length, 0),
    // An empty upload has no chunks, but is counted, too.
    startWith(0),
    // Uses one source twice: for the progress, ten times a second, and for the answer at the end.
    connect((count) =>
      merge(
        count.pipe(
          throttleTime(100, asyncScheduler, { leading: true, trailing: true }),
          tap((bytes) => progress.next({ id, bytes, of: contentLength })),
          ignoreElements(),
        ),
        count.pipe(
          last(),
          map((bytes) => json({ bytes, milliseconds: Date.now() - started })),
        ),
      ),
    ),
  );
}

// ---- Server-sent events: the time, the number of open pages, and the progress of uploads.

/** One clock for all pages. It runs while at least one page is open. */
const clock = timer(0, 1000).pipe(
  map(() => new Date().toISOString()),
  shareReplay({ bufferSize: 1, refCount: true }),
);

const viewers = new BehaviorSubject(0);

function streamEvents() {
  const events = defer(() => {
    viewers.next(viewers.value + 1);
    return merge(
      clock.pipe(map((time) => eventOf('clock', { time }))),
      viewers.pipe(map((count) => eventOf('viewers', { count }))),
      progress.pipe(map((upload) => eventOf('upload', upload))),
    );
  }).pipe(
    // A browser that leaves closes the connection, which unsubscribes from here: clean up in `finalize`.
    finalize(() => viewers.next(viewers.value - 1)),
  );
  return of(serverSentEvents(events));
}

function eventOf(event, data) {
  return { event, data: JSON.stringify(data) };
}

// ---- Responses.

function text(status, message, headers = {}) {
  return {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers },
    body: `${message}\n`,
  };
}

function json(value) {
  return { headers: { 'Content-Type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}

/** Escapes text for HTML, so that what a client sends is shown and not interpreted. */
function escape(value) {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
