/** Flat response events to bytes. RFC 3875 §6. */
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import type { ResponseEvent } from '../core/events.js';
import { verifyOptionNames } from '../core/options.js';
import { ResponseWriter } from '../core/response/response-writer.js';
import { verifyMethod } from './engine-options.js';

/** Options of {@link encodeScgiEvents}. */
export interface EncodeEventsOptions {
  /** The request's method: the answer to HEAD has no body. Default: any other. */
  readonly requestMethod?: string | undefined;
}

/**
 * Joins response events into chunks.
 *
 *     source:  --H--B--B--E        H headers, B body, E end
 *     result:  --h--b--b--|        h, b: Uint8Array; nothing for the body of HEAD, 204, 205, 304
 *
 * Completes at E and unsubscribes from the source; events after that are ignored. Each event is checked before its bytes go out.
 * `Content-Length` is not added, because the length of the body is not known yet; one that you give is enforced.
 *
 * @param options - the method of the request; see {@link EncodeEventsOptions}.
 * @returns an operator function from {@link ResponseEvent}s to chunks.
 * @throws TypeError at the call, when an option is invalid.
 * Error notifications: ERR_SCGI_HEADER_HOP_BY_HOP, ERR_SCGI_HEADER_INVALID, ERR_SCGI_STATUS_INVALID, ERR_SCGI_REDIRECT_HEADERS,
 * ERR_SCGI_EVENT_ORDER, also when the source completes inside a response, ERR_SCGI_NO_RESPONSE when it completes without one,
 * ERR_SCGI_BODY_LENGTH, ERR_SCGI_BODY_TYPE; and the source's own.
 * @see RFC 3875 §6
 * @example
 * ```ts
 * import { encodeScgiEvents, type ResponseEvent } from 'rxscgi';
 * import { of } from 'rxjs';
 *
 * of<ResponseEvent[]>(
 *   { type: 'response-headers', status: 200, headers: { 'Content-Type': 'text/plain' } },
 *   { type: 'response-body', data: new TextEncoder().encode('Hello') },
 *   { type: 'response-end' },
 * )
 *   .pipe(encodeScgiEvents())
 *   .subscribe((chunk) => console.log(chunk.length));
 * ```
 */
export function encodeScgiEvents(
  options: EncodeEventsOptions = {},
): OperatorFunction<ResponseEvent, Uint8Array> {
  verifyOptionNames('encodeScgiEvents', options, { requestMethod: true });
  const requestMethod = verifyMethod(options.requestMethod);
  return (source) =>
    new Observable((destination) => source.subscribe(new EventsSubscriber(destination, requestMethod)));
}

class EventsSubscriber extends Subscriber<ResponseEvent> {
  private readonly writer = new ResponseWriter();

  constructor(
    destination: Subscriber<Uint8Array>,
    private readonly requestMethod: string | undefined,
  ) {
    super(destination);
  }

  protected override _next(event: ResponseEvent): void {
    let bytes: Uint8Array;
    try {
      bytes = this.writer.send(event, { requestMethod: this.requestMethod });
    } catch (fault) {
      this.error(fault);
      return;
    }
    if (bytes.length > 0) this.destination.next(bytes);
    if (this.writer.state === 'done') this.complete();
  }

  protected override _complete(): void {
    try {
      this.writer.close();
    } catch (fault) {
      this._error(fault);
      return;
    }
    super._complete();
  }
}
