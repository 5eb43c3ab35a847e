/** Bodies of HTTP requests, with their length: SCGI wants it before the first byte. */
import type { IncomingMessage } from 'node:http';
import { Observable, fromEvent, map, of } from 'rxjs';
import { GatewayError } from './gateway-error.js';

/** A body of known length: collected, or still to be read from the request. */
export interface CountedBody {
  readonly length: number;
  readonly collected: Buffer | undefined;
}

/**
 * Counts a body.
 *
 *     Content-Length: 5           -->  (x|)         still to be read
 *     Transfer-Encoding: chunked  -->  -----(x|)    collected
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
  return new Observable((subscriber) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    subscriber.add(
      fromEvent(request, 'data').subscribe((chunk) => {
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (bytes <= maxBytes) return;
        const message = `the body is of unknown length, and longer than the ${maxBytes} bytes that are held to count it`;
        subscriber.error(new GatewayError('ERR_SCGI_BODY_TOO_LARGE', message));
      }),
    );
    subscriber.add(
      fromEvent(request, 'end').subscribe(() => {
        subscriber.next(Buffer.concat(chunks));
        subscriber.complete();
      }),
    );
  });
}
