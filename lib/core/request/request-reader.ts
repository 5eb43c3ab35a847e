/** Reads one SCGI request for somebody who asks for its events: no callbacks, no I/O. SCGI §3 and §4. */
import { ScgiUsageError, type ScgiProtocolError } from '../errors.js';
import type { RequestEvent } from '../events.js';
import type { MetaVariables } from '../meta-variables.js';
import { READER_OPTIONS, verifyOptionNames, verifyReaderOptions, type ReaderOptions } from '../options.js';
import { quoted } from '../quoted.js';
import { RequestParser } from './request-parser.js';

/** What `nextEvent` returns when more data is needed first. The same in each copy of the package. */
export const NEED_DATA: unique symbol = Symbol.for('rxscgi.NEED_DATA');

/** Where a reader is in its message: before the headers, before the end, behind it, or at a fault. */
export type ReaderState = 'head' | 'body' | 'done' | 'failed';

/**
 * Reads one request: data in, events out when you ask for them.
 *
 *     head ──request-headers──▶ body ──request-end──▶ done
 *       └────────────────────────┴──── a fault ─────▶ failed
 *
 *     const reader = new RequestReader();
 *     reader.receiveData(chunk);                      // null when the input has ended
 *     for (let event; (event = reader.nextEvent()) !== NEED_DATA; ) handle(event);
 *
 * The events are the same however the data is cut, apart from the sizes of the pieces of the body. Those before a fault
 * come before it. The data belongs to the reader: body events and variables are views of it.
 *
 * @see SCGI (2008-06-23) §3, §4
 */
export class RequestReader {
  private readonly parser: RequestParser;
  private readonly events: RequestEvent[] = [];
  private currentState: ReaderState = 'head';
  private fault: unknown;
  private surplusFault: ScgiProtocolError | undefined;
  private ended = false;

  /**
   * @param options - limits, in bytes and in headers, and tolerances; see {@link ReaderOptions}.
   * @throws RangeError | TypeError when an option is invalid.
   */
  constructor(options?: ReaderOptions) {
    verifyOptionNames('RequestReader', options, READER_OPTIONS);
    const { events } = this;
    this.parser = new RequestParser(verifyReaderOptions(options), {
      requestHeaders: (variables: MetaVariables) => events.push({ type: 'request-headers', variables }),
      requestBody: (data) => events.push({ type: 'request-body', data }),
      requestEnd: () => events.push({ type: 'request-end' }),
      requestSurplus: (surplus) => (this.surplusFault = surplus),
    });
  }

  /** Follows the events that `nextEvent` has returned. */
  get state(): ReaderState {
    return this.currentState;
  }

  /** An error to report, not to answer, when bytes came after the request: ERR_SCGI_BODY_SURPLUS. They are dropped. */
  get surplus(): ScgiProtocolError | undefined {
    return this.surplusFault;
  }

  /**
   * Takes what came from the connection.
   *
   * @param data - a chunk of any size, or `null` when the input has ended.
   * @throws ScgiUsageError ERR_SCGI_EVENT_ORDER for a chunk after the end.
   * @throws TypeError for anything but bytes and `null`.
   */
  receiveData(data: Uint8Array | null): void {
    if (data !== null && !(ArrayBuffer.isView(data) && data.BYTES_PER_ELEMENT === 1))
      throw new TypeError(`receiveData takes a Uint8Array or null, not ${quoted(data)}`);
    if (data !== null && this.ended)
      throw new ScgiUsageError('ERR_SCGI_EVENT_ORDER', 'data came after the end of the input');
    try {
      if (data !== null) this.parser.push(data);
      else if (!this.ended) this.parser.end();
    } catch (fault) {
      this.fault = fault;
    }
    if (data === null) this.ended = true;
  }

  /**
   * The next event, or NEED_DATA when there is none yet. After `request-end` it is always NEED_DATA.
   *
   * @throws ScgiProtocolError | ScgiLimitError at a fault, the same each time; see docs/errors.md.
   */
  nextEvent(): RequestEvent | typeof NEED_DATA {
    const event = this.events.shift();
    if (event === undefined) {
      if (this.fault === undefined) return NEED_DATA;
      this.currentState = 'failed';
      throw this.fault as Error;
    }
    if (event.type === 'request-headers') this.currentState = 'body';
    else if (event.type === 'request-end') this.currentState = 'done';
    return event;
  }
}
