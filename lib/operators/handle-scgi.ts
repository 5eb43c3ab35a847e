/** A whole connection, bytes to bytes. */
import { Observable, type OperatorFunction } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import { HANDLE_OPTIONS, verifyHandleOptions, verifyHandler, type HandleOptions } from './engine-options.js';
import { timekeeperOf } from './exchange/idle-timer.js';
import { Exchange } from './exchange/exchange.js';
import { ForwardingSubscriber } from './flow/forwarding-subscriber.js';
import type { AnyScgiHandler } from './types.js';

/**
 * Handles a whole connection: reads the request, calls the handler and writes its response.
 *
 *     source:         --a--b--c|      a: head, b and c: body
 *     handler(r):       ----r|        r: ScgiResponse
 *     result:         ------(x|)      x: the response's bytes
 *
 * It does the same as this pipeline, in one object:
 *
 *     const handled = bytes.pipe(
 *       idleTimeout(bodyTimeoutMs, { flow }),
 *       decodeScgi({ flow }),
 *       timeout({ first: headersTimeoutMs }),
 *       mergeMap(handler),
 *       encodeScgi({ flow, answer: errorAnswer }),
 *     );
 *
 * `spec/operators/equivalence.spec.ts` compares the two: bytes, completion, errors, finalizations and subscriptions are the same,
 * except in four cases:
 *
 * - An error of the source means that the connection is lost. Nobody can receive an answer, so the result errors at once.
 * - A handler that completes without a response is answered at once. The pipeline waits for the end of the request's body first.
 * - A handler may return its response itself, where `mergeMap` takes only a source.
 * - A body that is still being read when the response is complete ends with the exchange.
 *
 * Unsubscribes from the source when the request is complete, and from everything else when the response is out. Unsubscribing from
 * the result, which a server does when the gateway leaves, unsubscribes the handler.
 *
 * An error before the head of the response is answered by {@link errorAnswer} and passed to `onError`. After the head, a failure of
 * the response errors the result: cut the connection, so that the response does not look complete.
 *
 * @param handler - returns the response to a request, or a source of it, whose first value counts.
 * @param options - limits and timeouts, each with its unit; see {@link HandleOptions}.
 * @returns an operator function from the chunks of a connection to the chunks of the response.
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
  verifyHandler(handler);
  const keeper = timekeeperOf(settings.scheduler, settings.flow);
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
