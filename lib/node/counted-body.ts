/** Bodies of HTTP requests, with their length: SCGI wants it before the first byte. */
import type { IncomingMessage } from 'node:http';
import { type Observable, defer, fromEvent, map, mergeMap, of, takeUntil, throwError, toArray } from 'rxjs';
import { GatewayError } from './gateway-error.js';

/** A body of known length: collected, or still to be read from the request. */
export interface CountedBody {
  readonly length: number;
  readonly collected: Buffer | undefined;
}

/**
 * Counts a body.
 *
 *     Content-Length: 5           --> (x|)        still to be read
 *     Transfer-Encoding: chunked  ------(x|)      collected
 *
 * @param maxBytes - how much is collected, at most.
 * Error notifications: ERR_SCGI_BODY_TOO_LARGE.
 */
export function countBody(request: IncomingMessage, maxBytes: number): Observable<CountedBody> {
  const { 'transfer-encoding': encoding, 'content-length': length } = request.headers;
  // Node.js has checked Content-Length, and that there are not both.
  if (encoding === undefined) return of({ length: Number(length ?? 0), collected: undefined });
  return collect(request, maxBytes).pipe(map((collected) => ({ length: collected.length, collected })));
}

function collect(request: IncomingMessage, maxBytes: number): Observable<Buffer> {
  return defer(() => {
    let bytes = 0;
    return fromEvent(request, 'data').pipe(
      takeUntil(fromEvent(request, 'end')),
      mergeMap((data) => {
        const chunk = data as Buffer;
        bytes += chunk.length;
        if (bytes <= maxBytes) return of(chunk);
        return throwError(
          () => new BodyTooLargeError(`the body is longer than the ${maxBytes} bytes that are counted`),
        );
      }),
      toArray(),
      map((chunks) => Buffer.concat(chunks)),
    );
  });
}
