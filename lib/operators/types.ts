/** What applications see: requests, responses and the function between them. */
import type { Observable, ObservableInput } from 'rxjs';
import type { ResponseHeaders } from '../core/events.js';
import type { MetaVariables } from '../core/headers/meta-variables.js';
import type { Flow } from './flow/flow.js';

/**
 * The body of a request: chunks as they arrive, once.
 *
 * As an Observable it pushes. As an AsyncIterable it pauses the sender while the loop works on a chunk. It can be read once: a second
 * subscription errors with ERR_SCGI_BODY_USED. Unsubscribing early drops the rest.
 */
export type ScgiBody = Observable<Uint8Array> & AsyncIterable<Uint8Array>;

/** A request: its meta-variables, its body, and what HTTP makes of them. The properties are computed at first use. */
export interface ScgiRequest {
  /** The SCGI headers as they came. */
  readonly variables: MetaVariables;
  /** Bytes of the body. */
  readonly contentLength: number;
  /** `REQUEST_METHOD`; `GET` when there is none. */
  readonly method: string;
  /** The path in its normal form, percent-encoded, without `mount`. The option `requestTarget` says which path. */
  readonly path: string;
  /** The query of the same target, without the question mark. */
  readonly query: string;
  /** The whole URL: scheme, host, the same path with `mount`, and the same query. */
  readonly url: URL;
  /** The HTTP header fields, without `Proxy` (httpoxy). */
  readonly headers: Headers;
  /** The address of the client, as the gateway reports it; `undefined` for a client on a Unix socket, or when it is not known. */
  readonly remoteAddress: string | undefined;
  /** The `id` of the last event that a client of server-sent events received before it reconnected; `undefined` for a new client. */
  readonly lastEventId: string | undefined;
  /**
   * Emits once when the server begins to drain, and completes; a late subscriber gets the notification, too. Use
   * `takeUntil(request.draining)` to end a long response in time; `serverSentEvents` does this itself. Without a server it never emits.
   */
  readonly draining: Observable<void>;
  /**
   * For code that cannot be unsubscribed, such as `fetch` or a database driver. Aborted when the exchange is over or the gateway has
   * left. Its reason is the error, if there was one.
   */
  readonly signal: AbortSignal;
  /** The body, chunk by chunk. */
  readonly body: ScgiBody;
  /** Backpressure of the connection. Always there with `serveScgi` and `callHandler`. */
  readonly flow: Flow | undefined;
  /** Emits the whole body as bytes. Errors with ERR_SCGI_BODY_TOO_LARGE above `maxBodyBytes`, or `maxQueuedBytes` if that is not set. */
  bytes(): Observable<Uint8Array>;
  /** Emits the whole body as UTF-8 text; limited like `bytes()`. */
  text(): Observable<string>;
  /** Emits the whole body, parsed as JSON; limited like `bytes()`. Errors with ERR_SCGI_BODY_JSON when it is not JSON. */
  json<T = unknown>(): Observable<T>;
}

/** One piece of a response's body; text goes out as UTF-8. */
export type BodyChunk = string | Uint8Array;

/** A response. Everything is optional: `{}` is an empty 200. A `Response` of the fetch standard is one, too. */
export interface ScgiResponse {
  /** A number or a number and a reason: `200`, `'404 Not Found'`. Default 200, or 302 with an absolute `Location`. */
  readonly status?: number | string | undefined;
  /** Header fields, without `Status`. */
  readonly headers?: ResponseHeaders | undefined;
  /**
   * Text or bytes, to which `Content-Length` is added, or a source of them. Iterables, async iterables, `ReadableStream`s and Node.js
   * `Readable`s are pulled as the gateway takes them; Observables push. `null`: no body.
   */
  readonly body?: BodyChunk | ObservableInput<BodyChunk> | null | undefined;
  /** Not a key of a response: use `status`. It is declared so that the compiler finds the mistake. */
  readonly statusCode?: never;
  /** Not a key of a response: use `headers`. */
  readonly header?: never;
}

/** An application: a function from a request to an Observable, a Promise or another source of one response. */
export type ScgiHandler = (request: ScgiRequest) => ObservableInput<ScgiResponse>;

/** A handler as `handleScgi` and `serveScgi` accept it: it may also return the response itself, without a source. */
export type AnyScgiHandler = (request: ScgiRequest) => ScgiResponse | ObservableInput<ScgiResponse>;
