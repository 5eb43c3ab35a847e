import { defer, map, tap, type Observable } from 'rxjs';
import type { ScgiRequest } from '../../lib/operators/types.js';

/** A decoder's result, each request shown as `POST /path 6`, and that request's body, to be subscribed at any time. */
export interface Received {
  readonly result: Observable<string>;
  readonly body: Observable<Uint8Array>;
}

export function received(requests: Observable<ScgiRequest>): Received {
  let request: ScgiRequest | undefined;
  return {
    result: requests.pipe(
      tap((latest) => (request = latest)),
      map(({ method, path, contentLength }) => `${method} ${path} ${contentLength}`),
    ),
    body: defer(() => request!.body),
  };
}
