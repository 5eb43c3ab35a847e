// A live page of rTorrent's downloads, with buttons that start and stop them.
//
//     npm ci                                            here, once
//     RTORRENT=unix:/run/rtorrent.sock npx rxscgi dev handler.mjs
//
// rTorrent listens by `network.scgi.open_local = /run/rtorrent.sock`. Everybody who can open that socket can run commands as rTorrent's
// user, and so can this program, which offers only what follows.
import { readFileSync } from 'node:fs';
import { XmlRpcFault } from '@foxglove/xmlrpc';
import { catchError, map, of, throwError } from 'rxjs';
import { html, serverSentEvents, text } from 'rxscgi';
import { changes, setStarted } from './downloads.mjs';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const page = html(read('index.html'), {
  // The names of torrents come from strangers. The script writes them as text; were it to fail, the policy stops them.
  headers: {
    'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'",
  },
});
const files = {
  '/': page,
  '/page.js': text(read('page.js'), { headers: { 'Content-Type': 'text/javascript; charset=utf-8' } }),
  '/page.css': text(read('page.css'), { headers: { 'Content-Type': 'text/css; charset=utf-8' } }),
};
const COMMAND = /^\/downloads\/([0-9A-F]{40})\/(start|stop)$/;

/** Takes a request and returns an Observable of its one response. */
export default function handle(request) {
  const { method, path } = request;
  const isGet = method === 'GET' || method === 'HEAD';
  if (Object.hasOwn(files, path)) return of(isGet ? files[path] : notAllowed('GET'));
  if (path === '/events')
    return of(isGet ? serverSentEvents(changes(), { retryMs: 1000 }) : notAllowed('GET'));
  const [, hash, command] = COMMAND.exec(path) ?? [];
  if (command === undefined) return of(text(`There is no ${path} here.\n`, { status: 404 }));
  if (method !== 'POST') return of(notAllowed('POST'));
  if (isCrossSite(request)) return of(text('Only the page itself may do this.\n', { status: 403 }));
  return setStarted(hash, command === 'start').pipe(
    map(() => ({ status: 204 })),
    catchError((error) =>
      // rTorrent knows no such download. Other errors are answered with 502, 503 or 504.
      error instanceof XmlRpcFault
        ? of(text('rTorrent has no such download.\n', { status: 404 }))
        : throwError(() => error),
    ),
  );
}

/**
 * Whether another site's page has made the browser send this. Browsers say so, by Sec-Fetch-Site or else by Origin; who sends neither is
 * no browser, and is not logged in by one either.
 */
function isCrossSite({ headers }) {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin';
  const origin = headers.get('origin');
  if (origin === null) return false;
  return !URL.canParse(origin) || new URL(origin).host !== headers.get('host');
}

function notAllowed(allowed) {
  return text(`This takes ${allowed}.\n`, { status: 405, headers: { Allow: allowed } });
}
