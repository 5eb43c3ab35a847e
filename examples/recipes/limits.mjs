// Limits and timeouts, each by an operator: for a service that is slow or fails, for uploads, and for clients that ask too often.
//
//     npm install rxscgi rxjs
//     SERVICE=http://127.0.0.1:8081/ npx rxscgi dev limits.mjs
import { asyncScheduler, map, reduce, retry, throwError, timeout, timer } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { HttpError, idleTimeout, json, text } from 'rxscgi';
import { coarseScheduler } from 'rxscgi/node';
import { limitTo } from './limiter.mjs';

const SERVICE = process.env.SERVICE ?? 'http://127.0.0.1:8081/';
const REQUESTS = 20;
const WINDOW_MS = 10_000;
const MAX_CLIENTS = Number(process.env.MAX_CLIENTS ?? 10_000);

const askService = (query) =>
  fromFetch(`${SERVICE}?${query}`, {
    selector(response) {
      if (!response.ok) throw new HttpError(502);
      return response.json();
    },
  });

/**
 * Creates the handler; a test gives it another service, and virtual time.
 *
 * @param {(query: string) => import('rxjs').Observable<unknown>} ask
 */
export function createHandler(ask) {
  const limited = limitTo(10, 100);

  /** GET: what the service answers. */
  function answer({ query }) {
    return ask(query).pipe(
      // Twice more, after 100 ms and 200 ms.
      retry({ count: 2, delay: (_error, count) => timer(100 * count) }),
      // Ten requests at a time, with their repetitions. 100 wait; others are answered with 503.
      limited,
      // All of this together. Without `with`, a TimeoutError is answered with 504. This scheduler takes no timer for each request.
      timeout({
        first: 2000,
        scheduler: coarseScheduler,
        with: () => throwError(() => new HttpError(503)),
      }),
      map((value) => json(value)),
    );
  }

  /** PUT: an upload may take as long as it likes, but not pause for 10 s. Pauses that we make ourselves do not count. */
  function count({ body, flow }) {
    return body.pipe(
      idleTimeout(10_000, { flow }),
      reduce((bytes, chunk) => bytes + chunk.length, 0),
      map((bytes) => text(`${bytes} bytes\n`)),
    );
  }

  return limitRate((request) => (request.method === 'PUT' ? count(request) : answer(request)));
}

/**
 * Answers 429 to a client that has made too many requests in this window of time.
 *
 * @param {import('rxscgi').AnyScgiHandler} handler
 * @returns {import('rxscgi').AnyScgiHandler}
 */
function limitRate(handler) {
  const counts = new Map();
  let windowEnd = 0;
  return (request) => {
    const now = asyncScheduler.now();
    if (now >= windowEnd) {
      counts.clear();
      windowEnd = now + WINDOW_MS;
    }
    const client = request.remoteAddress ?? 'a Unix socket';
    const count = (counts.get(client) ?? 0) + 1;
    // The table is bounded, too: beyond it, only clients that are in it are served.
    if (count > REQUESTS || (count === 1 && counts.size === MAX_CLIENTS))
      return text('Too many requests\n', {
        status: 429,
        headers: { 'Retry-After': String(WINDOW_MS / 1000) },
      });
    counts.set(client, count);
    return handler(request);
  };
}

export default createHandler(askService);
