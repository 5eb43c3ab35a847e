// Passes requests on to another HTTP server, and its responses back, chunk by chunk.
//
//     npm install rxscgi rxjs
//     UPSTREAM=http://127.0.0.1:8081 npx rxscgi dev proxy.mjs
import { catchError, map, throwError, timeout } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { HttpError } from 'rxscgi';

const UPSTREAM = process.env.UPSTREAM ?? 'http://127.0.0.1:8081';
const HEAD_TIMEOUT_MS = 10_000;

/** Fields of one connection, and those that `fetch` sets itself. */
const DROPPED = [
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade', 'expect', 'host'],
];

/** @type {import('rxscgi').AnyScgiHandler} */
export default function handle(request) {
  const { method, path, query, url, headers, body, contentLength, remoteAddress = 'unknown' } = request;
  const forwarded = without(headers, [...DROPPED, 'content-length']);
  forwarded.set('accept-encoding', 'identity');
  forwarded.set('x-forwarded-for', remoteAddress);
  forwarded.set('x-forwarded-host', url.host);
  forwarded.set('x-forwarded-proto', url.protocol.slice(0, -1));
  const hasBody = contentLength > 0 && method !== 'GET' && method !== 'HEAD';
  // Both bodies are pulled by the side that sends them on: a slow client slows the upstream down, and the reverse.
  const upload = hasBody ? { body: ReadableStream.from(body), duplex: 'half' } : {};
  const init = { method, headers: forwarded, redirect: 'manual', ...upload };
  // When the client leaves, this is unsubscribed, or else the body cancelled: both end the request to the upstream.
  return fromFetch(`${UPSTREAM}${path}${query && `?${query}`}`, init).pipe(
    catchError((cause) => throwError(() => new HttpError(502, 'the upstream does not answer', { cause }))),
    // A TimeoutError is answered with 504.
    timeout({ first: HEAD_TIMEOUT_MS }),
    map((response) => {
      // `fetch` has decoded what came encoded all the same, so that its length is another one.
      const isDecoded = response.headers.has('content-encoding');
      const dropped = isDecoded ? [...DROPPED, 'content-encoding', 'content-length'] : DROPPED;
      return { status: response.status, headers: without(response.headers, dropped), body: response.body };
    }),
  );
}

function without(headers, names) {
  const kept = new Headers(headers);
  for (const name of names) kept.delete(name);
  return kept;
}
