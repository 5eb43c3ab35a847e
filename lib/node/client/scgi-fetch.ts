/** `fetch`, over SCGI. */
import { Subscription } from 'rxjs';
import { verifyLimit, verifyOptionNames } from '../../core/options.js';
import { CLIENT_OPTIONS, scgiClient, type ScgiClient, type ScgiClientOptions } from './scgi-client.js';
import { ignore } from '../../operators/response/settle.js';
import { callInitOf, countedRequest, fetchRequestOf, type FetchRequest } from './fetch-request.js';
import { fetchError, fetchResponseOf, type BegunResponse } from './fetch-response.js';

/** Options of {@link scgiFetch}. */
export interface ScgiFetchOptions extends ScgiClientOptions {
  /** Most connections at a time. Default `Infinity`. */
  readonly concurrency?: number | undefined;
  /** Most bytes of a request body of unknown length that are collected to find its length. Default 1 048 576. */
  readonly maxBufferedBody?: number | undefined;
  /** Meta-variables that are added to each request. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

const MAX_REDIRECTS = 20;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** What a request loses with its body. */
const BODY_FIELDS = [
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'content-length',
];

/**
 * Makes a `fetch` that calls one application, whatever the URL's host is. Give it to packages that accept a `fetch` function.
 *
 *     const fetch = scgiFetch('unix:/run/rtorrent.sock', { concurrency: 1 });
 *     const response = await fetch('/RPC2', { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body });
 *
 * The host of the URL becomes `HTTP_HOST`, `SERVER_NAME` and `SERVER_PORT`. The URL may be a path alone.
 *
 * Both bodies are streams with backpressure. SCGI sends the length of a request's body first. The length of text, bytes and a `Blob` is
 * known. A stream is sent as it comes if you give `Content-Length`. Anything else (a `FormData`, the body of a `Request`) is collected,
 * up to `maxBufferedBody`.
 *
 * Redirects within the origin are followed, according to `redirect`; a redirect to another origin is an error. `Content-Encoding` is
 * not decoded, and no `Accept-Encoding` is added. `integrity`, a `referrer` and `cache: 'only-if-cached'` are refused with a TypeError.
 *
 * @param target - an address, as in `scgiRequest`.
 * @param options - limits, and the number of connections; see {@link ScgiFetchOptions}.
 * @returns a function with the parameters of `fetch`. It rejects with the signal's reason, or else with a TypeError whose `cause` is the
 * ScgiError. The body of the response fails in the same way.
 * @throws RangeError | TypeError at the call, when the target or an option is invalid.
 * @see https://fetch.spec.whatwg.org/
 * @example
 * ```ts
 * import { scgiFetch } from 'rxscgi/node';
 *
 * const fetch = scgiFetch('unix:/run/rtorrent.sock', { concurrency: 1 });
 * const body = '<methodCall><methodName>system.client_version</methodName></methodCall>';
 * const response = await fetch('/RPC2', { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body });
 * console.log(await response.text());
 * ```
 */
export function scgiFetch(target: string, options: ScgiFetchOptions = {}): typeof fetch {
  verifyOptionNames('scgiFetch', options, { ...CLIENT_OPTIONS, maxBufferedBody: true, variables: true });
  const { concurrency = Infinity, variables = {}, maxBufferedBody, ...others } = options;
  const maxBytes = verifyLimit('maxBufferedBody', maxBufferedBody, 1_048_576);
  const client = scgiClient(target, { ...others, concurrency });
  return async (input, init) => {
    const request = fetchRequestOf(input, init);
    try {
      return await send(client, await countedRequest(request, init?.body, maxBytes), variables);
    } catch (error) {
      // A stream that no connection has begun to read: without this, a file behind it would stay open. A locked one is cancelled already.
      request.body?.cancel(error).catch(ignore);
      throw fetchError('fetch failed', error, request.signal);
    }
  };
}

/** Sends a request, and follows redirects. */
async function send(
  client: ScgiClient,
  first: FetchRequest,
  variables: Readonly<Record<string, string>>,
): Promise<Response> {
  let request = first;
  for (let redirects = 0; ; redirects++) {
    const begun = await begin(client, request, variables);
    const { status, headers } = begun.response;
    const location = REDIRECTS.includes(status) ? headers.get('location') : null;
    try {
      if (location === null || request.redirect === 'manual')
        return fetchResponseOf(begun, { ...request, redirected: redirects > 0 });
      request = redirected(request, status, location, redirects);
    } catch (error) {
      begun.call.unsubscribe();
      throw error;
    }
    begun.call.unsubscribe();
  }
}

/** The response, when its head has come. */
function begin(
  client: ScgiClient,
  request: FetchRequest,
  variables: Readonly<Record<string, string>>,
): Promise<BegunResponse> {
  return new Promise((resolve, reject) => {
    const call = new Subscription();
    const response$ = client(callInitOf(request, variables));
    call.add(response$.subscribe({ next: (response) => resolve({ response, call }), error: reject }));
  });
}

/** The request that follows a redirect. @throws Error when there is none. */
function redirected(
  request: FetchRequest,
  status: number,
  location: string,
  redirects: number,
): FetchRequest {
  const { redirect, method, body } = request;
  if (redirect === 'error')
    throw new Error(`the application redirects to ${location}, which is an error here`);
  if (redirects === MAX_REDIRECTS) throw new Error(`the application has redirected ${MAX_REDIRECTS} times`);
  const url = new URL(location, request.url);
  if (url.origin !== request.url.origin)
    throw new Error(`the application redirects to ${url.origin}, where this fetch cannot go`);
  if (url.hash === '') url.hash = request.url.hash;
  const becomesGet =
    status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST';
  if (becomesGet) {
    const headers = new Headers(request.headers);
    for (const field of BODY_FIELDS) headers.delete(field);
    return { ...request, url, headers, method: 'GET', body: undefined, contentLength: undefined };
  }
  if (body instanceof ReadableStream)
    throw new Error('the application redirects a request whose body is a stream, which cannot be sent again');
  return { ...request, url };
}
