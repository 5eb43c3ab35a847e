/** Bytes to flat request events. SCGI §3 and §4. */
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import type { RequestEvent } from '../core/events.js';
import type { MetaVariables } from '../core/headers/meta-variables.js';
import {
  READER_OPTIONS,
  verifyOptionNames,
  verifyReaderOptions,
  type ReaderLimits,
  type ReaderOptions,
} from '../core/options.js';
import { RequestParser, type RequestSink } from '../core/request/request-parser.js';

/**
 * Splits chunks into SCGI request events.
 *
 *     source:  --a----b--|      a, b: Uint8Array, cut anywhere
 *     result:  --H----(BE|)     H headers, B body, E end
 *
 * Completes after E and unsubscribes from the source; bytes after that are dropped. Events that precede a fault are emitted before
 * the error.
 *
 * @param options - limits in bytes and in headers, and tolerances; see {@link ReaderOptions}.
 * @returns an operator function from chunks to {@link RequestEvent}s.
 * @throws RangeError | TypeError at the call, when an option is invalid.
 * Error notifications: those of SCGI requests in docs/reference/errors.md, from ERR_SCGI_NETSTRING_LENGTH to
 * ERR_SCGI_PREMATURE_EOF; and the source's own.
 * @see SCGI (2008-06-23) §3, §4
 * @example
 * ```ts
 * import { decodeScgiEvents } from 'rxscgi';
 * import { fromSocket, listen } from 'rxscgi/node';
 * import { mergeMap } from 'rxjs';
 *
 * listen('127.0.0.1:4000')
 *   .pipe(mergeMap((socket) => fromSocket(socket).pipe(decodeScgiEvents({ maxBodyBytes: 1_048_576 }))))
 *   .subscribe((event) => console.log(event.type));
 * ```
 */
export function decodeScgiEvents(options?: ReaderOptions): OperatorFunction<Uint8Array, RequestEvent> {
  verifyOptionNames('decodeScgiEvents', options, READER_OPTIONS);
  const limits = verifyReaderOptions(options);
  return (source) =>
    new Observable((destination) => source.subscribe(new EventsSubscriber(destination, limits)));
}

class EventsSubscriber extends Subscriber<Uint8Array> implements RequestSink {
  private readonly reader: RequestParser;

  constructor(destination: Subscriber<RequestEvent>, limits: ReaderLimits) {
    super(destination);
    this.reader = new RequestParser(limits, this);
  }

  requestHeaders(variables: MetaVariables): void {
    this.emit({ type: 'request-headers', variables });
  }

  requestBody(data: Uint8Array): void {
    this.emit({ type: 'request-body', data });
  }

  requestEnd(): void {
    this.emit({ type: 'request-end' });
    if (!this.closed) this.complete();
  }

  protected override _next(chunk: Uint8Array): void {
    try {
      this.reader.push(chunk);
    } catch (fault) {
      this.error(fault);
    }
  }

  protected override _complete(): void {
    try {
      this.reader.end();
    } catch (fault) {
      this._error(fault);
      return;
    }
    super._complete();
  }

  private emit(event: RequestEvent): void {
    this.destination.next(event);
    // A subscriber that has enough (take, first) gets no more events, even from this chunk.
    if (this.closed) this.reader.stop();
  }
}
