import { defer, map, tap, type Observable, type OperatorFunction } from 'rxjs';
import type { ScgiRequest } from '../../../lib/operators/types.js';

/** A decoder's result, each request shown as `POST /path 6`, and that request's body, to be subscribed at any time. */
export interface Received {
  readonly result: Observable<string>;
  readonly body: Observable<Uint8Array>;
  /** The body through an operator, which is applied to the very body. */
  readonly bodyThrough: <R>(operator: OperatorFunction<Uint8Array, R>) => Observable<R>;
}

export function received(requests: Observable<ScgiRequest>): Received {
  let request: ScgiRequest | undefined;
  return {
    result: requests.pipe(
      tap((latest) => (request = latest)),
      map(({ method, path, contentLength }) => `${method} ${path} ${contentLength}`),
    ),
    body: defer(() => request!.body),
    bodyThrough: (operator) => defer(() => request!.body.pipe(operator)),
  };
}
