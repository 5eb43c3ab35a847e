/** Flat response events to bytes. RFC 3875 §6. */
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import type { ResponseEvent } from '../core/events.js';
import { encodeLatin1 } from '../core/latin1.js';
import { verifyOptionNames } from '../core/options.js';
import { ResponseWriter } from '../core/response/response-writer.js';
import { verifyMethod } from './engine-options.js';

/** Options of {@link encodeScgiEvents}. */
export interface EncodeEventsOptions {
  /** The request's method: the answer to HEAD has no body. Default: another one. */
  readonly requestMethod?: string | undefined;
}

/**
 * Joins response events into chunks.
 *
 *     source:  --H--B--B--(E|)     H headers, B body, E end
 *     result:  --h--b--b--|        h, b: Uint8Array; nothing for the body of HEAD, 204, 304
 *
 * Completes with the source. Validates before a byte goes out, and does not fill in `Content-Length`, as nobody knows
 * yet how much comes; one that is given is enforced.
 *
 * @returns an operator function from {@link ResponseEvent}s to chunks.
 * @throws TypeError at the call, when an option is invalid.
 * Error notifications: ERR_SCGI_HEADER_HOP_BY_HOP, …_HEADER_INVALID, …_STATUS_INVALID, …_REDIRECT_HEADERS, …_EVENT_ORDER
 * (also when the source completes inside a response), …_BODY_LENGTH; and the source's own.
 * @see RFC 3875 §6
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
    let bytes: Uint8Array | undefined;
    try {
      bytes = this.write(event);
    } catch (fault) {
      this._error(fault);
      return;
    }
    if (bytes && bytes.length > 0) this.destination.next(bytes);
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

  private write(event: ResponseEvent): Uint8Array | undefined {
    switch (event.type) {
      case 'response-headers':
        return encodeLatin1(this.writer.writeHead(event, { requestMethod: this.requestMethod }));
      case 'response-body':
        return this.writer.writeBody(event.data);
      case 'response-end':
        this.writer.end();
        return undefined;
      default:
        event satisfies never;
        // Ignored, a misspelt body would be a response cut short that looks complete.
        throw new TypeError(`${JSON.stringify((event as { type?: unknown }).type)} is no response event`);
    }
  }
}
