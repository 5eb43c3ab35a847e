/** Reads one SCGI request for somebody who asks for its events: no callbacks, no I/O. SCGI §3 and §4. */
import type { ScgiProtocolError } from '../errors/errors.js';
import type { RequestEvent } from '../events.js';
import { READER_OPTIONS, verifyOptionNames, verifyReaderOptions, type ReaderOptions } from '../options.js';
import { PullReader } from '../pull-reader.js';
import { RequestParser } from './request-parser.js';

/**
 * Reads one request: takes bytes, and returns events when you ask for them.
 *
 *     head ──request-headers──▶ body ──request-end──▶ done
 *       └────────────────────────┴──── a fault ─────▶ failed
 *
 *     const reader = new RequestReader();
 *     reader.receiveData(chunk);                      // null when the input has ended
 *     for (let event; (event = reader.nextEvent()) !== NEED_DATA; ) handle(event);
 *
 * The events do not depend on how the bytes are cut into chunks, except for the sizes of the pieces of the body. Events that precede a
 * fault are returned before it is thrown.
 *
 * @see SCGI (2008-06-23) §3, §4
 * @example
 * ```ts
 * import { NEED_DATA, RequestReader } from 'rxscgi/core';
 *
 * const reader = new RequestReader({ maxBodyBytes: 1_048_576 });
 * export function received(chunk: Uint8Array | null): void {
 *   reader.receiveData(chunk); // null when the input has ended
 *   for (let event; (event = reader.nextEvent()) !== NEED_DATA; ) {
 *     console.log(event.type);
 *     if (event.type === 'request-end') break;
 *   }
 * }
 * ```
 */
export class RequestReader extends PullReader<RequestEvent> {
  /** @internal */
  protected readonly parser: RequestParser;
  private surplusFault: ScgiProtocolError | undefined;

  /**
   * @param options - limits in bytes and in headers, and tolerances; see {@link ReaderOptions}.
   * @throws RangeError | TypeError when an option is invalid.
   */
  constructor(options?: ReaderOptions) {
    super();
    verifyOptionNames('RequestReader', options, READER_OPTIONS);
    const { events } = this;
    this.parser = new RequestParser(verifyReaderOptions(options), {
      requestHeaders: (variables) => events.push({ type: 'request-headers', variables }),
      requestBody: (data) => events.push({ type: 'request-body', data }),
      requestEnd: () => events.push({ type: 'request-end' }),
      requestSurplus: (surplus) => (this.surplusFault = surplus),
    });
  }

  /** ERR_SCGI_BODY_SURPLUS when bytes came after the request, which are dropped. Log it; the request itself is valid. */
  get surplus(): ScgiProtocolError | undefined {
    return this.surplusFault;
  }

  /** @internal */
  protected bodyEvent(data: Uint8Array): RequestEvent {
    return { type: 'request-body', data };
  }
}
