/** An application's response as the `Response` of a fetch. */
import type { Subscription } from 'rxjs';
import { WITHOUT_BODY } from '../../core/response/response-head.js';
import type { ScgiIncomingResponse } from '../../operators/outgoing/incoming-response.js';
import type { ScgiBody } from '../../operators/types.js';

/** A response that has begun, and the call that it comes from. */
export interface BegunResponse {
  readonly response: ScgiIncomingResponse;
  readonly call: Subscription;
}

/** What a `Response` tells of its request. */
export interface FetchFacts {
  readonly url: URL;
  readonly method: string;
  readonly redirected: boolean;
  readonly signal: AbortSignal;
}

/**
 * Makes the `Response`. Its body is read only as fast as it is taken.
 *
 * @throws RangeError for a status that no `Response` can have.
 */
export function fetchResponseOf({ response, call }: BegunResponse, facts: FetchFacts): Response {
  const { status, statusText, headers } = response;
  const isBodiless = facts.method === 'HEAD' || WITHOUT_BODY.has(status);
  const body = isBodiless ? null : streamOf(response.body, call, facts.signal);
  const result = described(new Response(body, { status, statusText, headers }), facts);
  if (isBodiless) call.unsubscribe();
  return result;
}

/** Gives a response the properties that its constructor cannot set, and its clones, too. */
function described(response: Response, facts: FetchFacts): Response {
  const { href, hash } = facts.url;
  return Object.defineProperties(response, {
    url: { value: hash === '' ? href : href.slice(0, -hash.length) },
    redirected: { value: facts.redirected },
    clone: { value: () => described(Response.prototype.clone.call(response), facts) },
  });
}

/** Not of type 'bytes': that transfers the memory of each chunk, which other views may still use. */
function streamOf(body: ScgiBody, call: Subscription, signal: AbortSignal): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          signal.throwIfAborted();
          const result = await iterator.next();
          if (result.done) controller.close();
          else controller.enqueue(result.value);
        } catch (error) {
          throw fetchError('terminated', error, signal);
        }
      },
      cancel: async () => {
        await iterator.return?.();
        call.unsubscribe();
      },
    },
    // Nothing is read ahead: the brake of the connection counts what waits.
    { highWaterMark: 0 },
  );
}

/** The error of a fetch: the signal's reason if that is it, else a TypeError with the cause. */
export function fetchError(message: string, cause: unknown, signal: AbortSignal | undefined): unknown {
  return signal?.aborted && cause === signal.reason ? cause : new TypeError(message, { cause });
}
