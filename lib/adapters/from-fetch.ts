/** Runs an application of the fetch standard, such as Hono's, as a handler. */
import type { MetaVariables } from '../core/headers/meta-variables.js';
import { quoted } from '../core/text/quoted.js';
import { reasonPhraseOf } from '../core/response/reason-phrases.js';
import { text } from '../operators/makers/response-makers.js';
import type { ScgiHandler, ScgiRequest, ScgiResponse } from '../operators/types.js';
import { FetchBody } from './fetch-body.js';

/** An object with `fetch`: a Hono application, or what a module for Deno, Bun or a worker exports. */
export interface FetchApplication {
  /**
   * Answers a request, as the Fetch API has it.
   *
   * @param request - the request, with its body as a stream.
   * @param variables - the meta-variables of the request: Hono has them as `c.env`.
   */
  fetch(request: Request, variables: MetaVariables): Response | PromiseLike<Response>;
}

/** The function alone. */
export type FetchHandler = FetchApplication['fetch'];

/** RFC 9110 §15.5.6 wants the field; what each path allows, only the application knows. */
const ALLOWED = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
/** The methods that `Request` refuses, but for CONNECT. */
const TRACING = /^trac[ek]$/i;
const CONNECTING = /^connect$/i;
const BODILESS = /^(?:get|head)$/i;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Turns a fetch application into a handler. Both bodies are streams, and each is read only as fast as the other side takes it.
 *
 *     serveScgi(fromFetch(app), { listen: '127.0.0.1:4000' });
 *
 *     request:    --r-----------
 *     app:          --R|             a Promise of a Response
 *     fromFetch:  ----(R|)
 *
 * `request.url` is the `url` of the SCGI request: its path is in normal form and cannot change the host. `request.signal` is
 * aborted when the exchange is over or the gateway has left. The second argument of the application is the meta-variables.
 *
 * A `Request` with GET or HEAD cannot have a body, so a body that came with it is dropped. There is no `Request` for TRACE and CONNECT:
 * they are answered with 405 and 501. If the application responds before it has begun to read the body, the body is dropped.
 *
 * @param app - the application, or a function that takes a `Request`.
 * @throws TypeError for anything else.
 * @see https://fetch.spec.whatwg.org/
 * @example
 * ```ts
 * import { fromFetch } from 'rxscgi';
 * import { serveScgi } from 'rxscgi/node';
 *
 * const app = { fetch: (request: Request) => Response.json({ url: request.url }) };
 * serveScgi(fromFetch(app), { listen: '127.0.0.1:4000' }).subscribe();
 * ```
 */
export function fromFetch(app: FetchApplication | FetchHandler): ScgiHandler {
  const fetch = fetchOf(app);
  return async (request) => {
    const { method } = request;
    if (TRACING.test(method)) return refusal(405, { Allow: ALLOWED });
    if (CONNECTING.test(method)) return refusal(501);
    if (!TOKEN.test(method)) return refusal(400);
    const body = hasBody(request) ? new FetchBody(request.body) : undefined;
    const response = await fetch(fetchRequestOf(request, body), request.variables);
    body?.keepFor(response);
    return response;
  };
}

function fetchOf(app: unknown): FetchHandler {
  const isObject = (typeof app === 'object' && app !== null) || typeof app === 'function';
  if (isObject && typeof (app as Partial<FetchApplication>).fetch === 'function') {
    return (request, variables) => (app as FetchApplication).fetch(request, variables);
  }
  if (typeof app === 'function') return app as FetchHandler;
  throw new TypeError(`fromFetch takes a function or an object with a method fetch(), not ${quoted(app)}`);
}

function hasBody({ method, contentLength }: ScgiRequest): boolean {
  return contentLength > 0 && !BODILESS.test(method);
}

function fetchRequestOf(scgi: ScgiRequest, body: FetchBody | undefined): Request {
  const { url, method, signal } = scgi;
  const headers = new Headers(scgi.headers);
  // The gateway has decoded it; the length that is known is the body's own.
  headers.delete('transfer-encoding');
  if (BODILESS.test(method)) headers.delete('content-length');
  const init = { method, headers, signal, ...(body && { body: body.stream, duplex: 'half' }) };
  return new Request(url, init);
}

function refusal(status: number, headers: Record<string, string> = {}): ScgiResponse {
  return text(`${reasonPhraseOf(status)}\n`, { status, headers });
}
