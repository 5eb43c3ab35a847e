/** A whole connection, bytes to bytes. */
import { Observable, type OperatorFunction } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import { HANDLE_OPTIONS, verifyHandleOptions, type HandleOptions } from './engine-options.js';
import { ScheduledTimekeeper } from './exchange/idle-timer.js';
import { Exchange } from './exchange/exchange.js';
import { ForwardingSubscriber } from './forwarding-subscriber.js';
import type { AnyScgiHandler } from './types.js';

/**
 * Handles a whole connection: reads the request, calls the handler and writes its response.
 *
 *     source:         --a--b--c|      a: head, b and c: body
 *     handler(r):       ----r|        r: ScgiResponse
 *     result:         ------(x|)      x: the response's bytes
 *
 * It stands for this pipeline, in one object:
 *
 *     const handled = bytes.pipe(
 *       idleTimeout(bodyTimeoutMs, { flow }),
 *       decodeScgi({ flow }),
 *       timeout({ first: headersTimeoutMs }),
 *       mergeMap(handler),
 *       encodeScgi({ flow, answer: errorAnswer }),
 *     );
 *
 * spec/operators/equivalence.spec.ts proves that both do the same: bytes, completion, errors, finalizations, subscriptions. They
 * differ in three cases. An error of the source is a lost connection, which nobody can be told: it errors the result
 * at once. A handler that completes without a response is answered at once, also inside the body. And a body that is
 * read aside ends with the exchange.
 *
 * Leaves the source when the request is complete, and everything else when the response is out. Unsubscribing, as when the
 * gateway leaves, cancels the handler.
 *
 * An error before the head of the response becomes the answer of {@link errorAnswer}, and `onError` gets the error. After the
 * response, only the response itself can fail: that errors the result, so that the connection is cut and does not look complete.
 *
 * @param handler - from a request to its response, or to a source of it; the first one counts.
 * @param options - limits and timeouts, each with its unit; see {@link HandleOptions}.
 * @returns an operator function from a connection's chunks to the answer's.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: those of a response whose head is out, and the source's own.
 * @example
 * ```ts
 * import { handleScgi, text } from 'rxscgi';
 * import { listen, usingSocket } from 'rxscgi/node';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(
 *     mergeMap((socket) =>
 *       usingSocket(socket, (bytes, flow) =>
 *         bytes.pipe(handleScgi(({ path }) => text(`Hello, ${path}`), { flow, handlerTimeoutMs: 10_000 })),
 *       ),
 *     ),
 *   )
 *   .subscribe();
 * ```
 */
export function handleScgi(
  handler: AnyScgiHandler,
  options?: HandleOptions,
): OperatorFunction<Uint8Array, Uint8Array> {
  verifyOptionNames('handleScgi', options, HANDLE_OPTIONS);
  const settings = verifyHandleOptions(options);
  if (typeof handler !== 'function')
    throw new TypeError(`the handler must be a function, not ${typeof handler}`);
  const keeper = new ScheduledTimekeeper(settings.scheduler);
  return (source) =>
    new Observable((destination) => {
      const leaveSource = () => input.unsubscribe();
      const exchange = new Exchange(destination, handler, settings, settings.flow, keeper, {
        requestCompleted: leaveSource,
        released: leaveSource,
      });
      const input = new ForwardingSubscriber(exchange);
      destination.add(exchange);
      source.subscribe(input);
    });
}
