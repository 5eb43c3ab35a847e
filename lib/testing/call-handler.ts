/** Calls a handler as a server would, without one. */
import { concatMap, defer, first, from, map, tap, toArray, type Observable } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import { HANDLE_OPTIONS, type HandleOptions } from '../operators/engine-options.js';
import { createFlow, type Flow } from '../operators/flow/flow.js';
import { responsesOf } from '../operators/exchange/handler-call.js';
import { handleScgi } from '../operators/handle-scgi.js';
import type { AnyScgiHandler, ScgiHandler } from '../operators/types.js';
import { requestBytes, type TestRequest } from './request-bytes.js';
import { responseOf, type TestResponse, type TestResponseHead } from './response-of.js';

/** Options of {@link callHandler}: those of `handleScgi`, and how the request arrives. */
export interface CallOptions extends HandleOptions {
  /**
   * Sends the request: gets all of its bytes, and returns an Observable of chunks, such as `cold('a--b|', { a: …, b: … })`. Chunks wait
   * while `flow.inputPaused` is true. Default: everything at once, in chunks of 64 KiB as from a socket, and then the end.
   */
  readonly send?: ((request: Uint8Array) => Observable<Uint8Array>) | undefined;
}

/** What Node reads from a socket at once, at most. */
const CHUNK_BYTES = 65_536;

/**
 * Calls a handler through the whole protocol code: encodes and decodes the request; encodes, checks and parses the response.
 *
 *     handler(r):   ---r|             r: ScgiResponse
 *     r.body:          a--b--|
 *     result:       ---------(x|)     x: TestResponse, once the body is complete
 *
 * Cold, and synchronous if the handler is. Inside `TestScheduler.run`, all time is virtual. Unsubscribing plays a gateway that leaves.
 *
 * An error stays an error, and does not become the answer that `handleScgi` makes of it, such as a 500: a test should see what went
 * wrong. If the handler responds although its request's body has failed, you get that response. To test the answers to errors, use
 * `of(requestBytes(request)).pipe(handleScgi(handler), …)`.
 *
 * @param handler - returns the response to a request.
 * @param request - what the request is made from; see {@link TestRequest}.
 * @param options - limits and timeouts, each with its unit; see {@link CallOptions}.
 * @returns the one response.
 * @throws RangeError | TypeError at the call, when the request cannot be made, or an option is invalid.
 * Error notifications: the handler's, and all of docs/reference/errors.md.
 * @example
 * ```ts
 * import { text } from 'rxscgi';
 * import { callHandler, textOf } from 'rxscgi/testing';
 *
 * const handler = () => text('Hello\n');
 * callHandler(handler, { uri: '/' }).subscribe(({ status, body }) => {
 *   console.assert(status === 200 && textOf(body) === 'Hello\n');
 * });
 * ```
 */
export function callHandler(
  handler: AnyScgiHandler,
  request: TestRequest = {},
  options: CallOptions = {},
): Observable<TestResponse> {
  return exchangeOf('callHandler', handler, request, options, (sent, verify) =>
    sent.pipe(
      toArray(),
      map((chunks) => {
        verify();
        return responseOf(chunks);
      }),
    ),
  );
}

/**
 * Calls a handler as {@link callHandler} does, and emits its response while it goes out.
 *
 *     handler(r):   ---r|             r: ScgiResponse
 *     r.body:          a---b-|
 *     result:       ---(ha)b-|        h: TestResponseHead, a and b: the chunks
 *
 * To play a slow gateway, hold the output of the option `flow`: `flow.holdOutput(hot('--t--f'))`. To play a server that
 * drains, make the flow by `createFlow({ draining: cold('---d') })`.
 *
 * @returns the head of the response, and the chunks of its body when they go out.
 * @throws RangeError | TypeError at the call, when the request cannot be made, or an option is invalid.
 * Error notifications: the handler's, those of the body, and all of docs/reference/errors.md.
 * @example
 * ```ts
 * import { scgiScheduler, streamHandler } from 'rxscgi/testing';
 *
 * scgiScheduler().run(({ cold, expectObservable }) => {
 *   const handler = () => ({ body: cold('--a--b|') });
 *   expectObservable(streamHandler(handler)).toBe('h-a--b|', { h: { status: 200, headers: {} }, a: 'a', b: 'b' });
 * });
 * ```
 */
export function streamHandler(
  handler: AnyScgiHandler,
  request: TestRequest = {},
  options: CallOptions = {},
): Observable<TestResponseHead | Uint8Array> {
  return exchangeOf('streamHandler', handler, request, options, (sent, verify) =>
    sent.pipe(
      // The head goes out in one chunk.
      concatMap((chunk, index) => {
        verify();
        if (index > 0) return [chunk];
        const { status, headers, body } = responseOf(chunk);
        return body.length === 0 ? [{ status, headers }] : [{ status, headers }, body];
      }),
      tap({ complete: verify }),
    ),
  );
}

/**
 * Sends a request to a handler.
 *
 * @param project - makes the result of what goes out; `verify` throws the error that the exchange has reported last.
 */
function exchangeOf<T>(
  of: string,
  handler: AnyScgiHandler,
  request: TestRequest,
  options: CallOptions,
  project: (sent: Observable<Uint8Array>, verify: () => void) => Observable<T>,
): Observable<T> {
  verifyOptionNames(of, options, { ...HANDLE_OPTIONS, send: true });
  const { send = chunksOf, ...handleOptions } = options;
  const bytes = requestBytes(request);
  // Invalid options throw here, at the call, not at the subscription.
  handleScgi(handler, handleOptions);
  return defer(() => {
    const { flow = createFlow(), onError } = options;
    let failure: { readonly error: unknown } | undefined;
    const watched: ScgiHandler = (incoming) =>
      responsesOf(handler, incoming).pipe(tap(() => (failure = undefined)));
    const exchange = handleScgi(watched, {
      ...handleOptions,
      flow,
      onError: (error, incoming) => {
        failure = { error };
        onError?.(error, incoming);
      },
    });
    // A copy for each subscriber: a handler may change the bytes of its body.
    const sent = send(bytes.slice()).pipe(
      concatMap((chunk) => whenRunning(flow).pipe(map(() => chunk))),
      exchange,
    );
    return project(sent, () => {
      if (failure) throw failure.error;
    });
  });
}

function chunksOf(bytes: Uint8Array): Observable<Uint8Array> {
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  return from(
    Array.from({ length: count }, (_, i) => bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)),
  );
}

function whenRunning({ inputPaused }: Flow): Observable<unknown> {
  return inputPaused.pipe(first((paused) => !paused));
}
