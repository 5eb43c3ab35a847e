/** What applications see: requests, responses and the function between them. */
import type { Observable, ObservableInput } from 'rxjs';
import type { ResponseHeaders } from '../core/events.js';
import type { MetaVariables } from '../core/headers/meta-variables.js';
import type { Flow } from './flow.js';

/**
 * The body of a request: chunks as they arrive, once.
 *
 * An Observable that pushes, and an AsyncIterable that pauses the sender while its chunk is used. One-shot: a second
 * subscription gets ERR_SCGI_BODY_USED. Unsubscribing early drops the rest.
 */
export type ScgiBody = Observable<Uint8Array> & AsyncIterable<Uint8Array>;

/** A request: its meta-variables and body, and the HTTP view of them, computed when asked for. */
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
  /** The address of the client, as the gateway says; `undefined` for a client that came by a Unix socket. */
  readonly remoteAddress: string | undefined;
  /** What a client that reconnects to server-sent events has had last, as UTF-8; `undefined` for one that comes anew. */
  readonly lastEventId: string | undefined;
  /**
   * Notifies once when the server begins to drain, and completes; replays. `takeUntil(request.draining)` ends a long response in time, as
   * `serverSentEvents` does by itself. Without a server, it never does.
   */
  readonly draining: Observable<void>;
  /**
   * For code that cannot be unsubscribed (`fetch`, a database driver): aborted when the exchange is over or the gateway is gone, with
   * the error as its reason if there was one.
   */
  readonly signal: AbortSignal;
  /** The body, chunk by chunk. */
  readonly body: ScgiBody;
  /** The brake of the connection; `serveScgi` and `callHandler` always have one. */
  readonly flow: Flow | undefined;
  /** All of the body, when it is complete; up to `maxBodyBytes`, or else `maxQueuedBytes`: ERR_SCGI_BODY_TOO_LARGE. */
  bytes(): Observable<Uint8Array>;
  /** All of the body as UTF-8 text; bounded as `bytes` is. */
  text(): Observable<string>;
  /** All of the body as JSON; bounded as `bytes` is. ERR_SCGI_BODY_JSON when it is not JSON. */
  json<T = unknown>(): Observable<T>;
}

/** One piece of a response's body; text goes out as UTF-8. */
export type BodyChunk = string | Uint8Array;

/** A response: everything is optional, and `{}` is an empty 200. A `Response` of fetch is one, too. */
export interface ScgiResponse {
  /** `200`, `'404 Not Found'`; 200 by default, or 302 with an absolute `Location`. */
  readonly status?: number | string | undefined;
  /** Header fields, without `Status`. */
  readonly headers?: ResponseHeaders | undefined;
  /**
   * Text or bytes at hand (`Content-Length` is filled in), or a source of them: iterables, async iterables,
   * `ReadableStream`s and Node's `Readable`s are pulled as the gateway takes them, Observables push. `null`: no body.
   */
  readonly body?: BodyChunk | ObservableInput<BodyChunk> | null | undefined;
  /** Not a key of a response: it is `status`. Responses are made by functions that hide excess keys from TypeScript. */
  readonly statusCode?: never;
  /** Not a key of a response: it is `headers`. */
  readonly header?: never;
}

/** An application: from a request to an Observable, a Promise or another source of its one response, as `mergeMap` takes it. */
export type ScgiHandler = (request: ScgiRequest) => ObservableInput<ScgiResponse>;

/** What `handleScgi` and `serveScgi` take: also a function that returns its response itself, a fetch `Response` for instance. */
export type AnyScgiHandler = (request: ScgiRequest) => ScgiResponse | ObservableInput<ScgiResponse>;
