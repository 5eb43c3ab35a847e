/** A whole connection, bytes to bytes. */
import { Observable, type OperatorFunction } from 'rxjs';
import { verifyOptionNames } from '../core/options.js';
import { HANDLE_OPTIONS, verifyHandleOptions, type HandleOptions } from './engine-options.js';
import { ScheduledTimekeeper } from './exchange/idle-timer.js';
import { Exchange } from './exchange/exchange.js';
import { ForwardingSubscriber } from './forwarding-subscriber.js';
import type { AnyScgiHandler } from './types.js';

/**
 * Reads a request, calls the handler and writes its response; faults become answers.
 *
 *     source:         --a--b--c|      a: head, b and c: body
 *     handler(r):       ----r|        r: ScgiResponse
 *     result:         ------(x|)      x: the response's bytes
 *
 * Completes when the response is out, and then unsubscribes from the source and the handler; what is still to come of
 * the body is whoever closes the connection's to drop. Unsubscribing, as when the gateway goes away, cancels the handler.
 *
 * Before the head of a response, an error becomes an answer: 400, 408, 413, 431 by its code, 503 for a handler that took
 * too long, 500 for its errors, with a reason phrase and never the error's message; `onError` gets the error. After the
 * head, it errors the result, so that the connection is cut and the response does not look complete.
 *
 * @param handler - from a request to its one response; the first that it gives counts.
 * @param options - limits and timeouts, each with its unit; see {@link HandleOptions}.
 * @returns an operator function from a connection's chunks to the answer's.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: any error that came after the head; and the source's own.
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
      const exchange = new Exchange(destination, handler, settings, settings.flow, keeper, {});
      const input = new ForwardingSubscriber(exchange);
      destination.add(input);
      destination.add(() => exchange.unsubscribe());
      source.subscribe(input);
    });
}
