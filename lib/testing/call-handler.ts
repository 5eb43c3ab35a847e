/** Calls a handler as a server would, without one. */
import { concatMap, defer, first, from, map, tap, toArray, type Observable } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import { HANDLE_OPTIONS, type HandleOptions } from '../operators/engine-options.js';
import { createFlow, type Flow } from '../operators/flow.js';
import { responsesOf } from '../operators/exchange/handler-call.js';
import { handleScgi } from '../operators/handle-scgi.js';
import type { AnyScgiHandler, ScgiHandler } from '../operators/types.js';
import { requestBytes, type TestRequest } from './request-bytes.js';
import { responseOf, type TestResponse } from './response-of.js';

/** Options of {@link callHandler}: those of `handleScgi`, and how the request arrives. */
export interface CallOptions extends HandleOptions {
  /**
   * When which of the request's bytes come, from all of them: `(bytes) => cold('a--b|', { a: …, b: … })`. They wait
   * while `flow.inputPaused` is true. Default: all at once, in chunks of 64 KiB as from a socket, and the end.
   */
  readonly send?: ((request: Uint8Array) => Observable<Uint8Array>) | undefined;
}

/** What Node reads from a socket at once, at most. */
const CHUNK_BYTES = 65_536;

/**
 * Calls a handler through the whole codec: the request is encoded and decoded, the response encoded, checked and parsed.
 *
 *     handler(r):   ---r|             r: ScgiResponse
 *     r.body:          a--b--|
 *     result:       ---------(x|)     x: TestResponse, once the body is complete
 *
 * Cold, and synchronous where the handler is. All time is that of `scheduler` and of the handler's own operators: inside of
 * `TestScheduler.run` both are virtual. Unsubscribing is what the handler sees when the gateway goes away.
 *
 * Errors are errors here, and not the answer that `handleScgi` makes of them (a 500, say): a test wants to see what went
 * wrong. A handler that answers in spite of an error of its request's body is taken at its word. To test the answers
 * themselves: `of(requestBytes(request)).pipe(handleScgi(handler), …)`.
 *
 * @param handler - from a request to its one response.
 * @param request - what the request is made from; see {@link TestRequest}.
 * @param options - limits and timeouts, each with its unit; see {@link CallOptions}.
 * @returns the one response.
 * @throws RangeError | TypeError at the call, when the request cannot be made, or an option is invalid.
 * Error notifications: the handler's, and all of docs/errors.md.
 */
export function callHandler(
  handler: AnyScgiHandler,
  request: TestRequest = {},
  options: CallOptions = {},
): Observable<TestResponse> {
  verifyOptionNames('callHandler', options, { ...HANDLE_OPTIONS, send: true });
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
    return send(bytes.slice()).pipe(
      concatMap((chunk) => whenRunning(flow).pipe(map(() => chunk))),
      exchange,
      toArray(),
      map((chunks) => {
        if (failure) throw failure.error;
        return responseOf(joined(chunks));
      }),
    );
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

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let end = 0;
  for (const chunk of chunks) {
    whole.set(chunk, end);
    end += chunk.length;
  }
  return whole;
}
