/** Reads one CGI response for somebody who asks for its events: the other direction. RFC 3875 §6. */
import type { IncomingResponseEvent, IncomingResponseHead } from '../events.js';
import { verifyLimit, verifyOptionNames, type OptionNames } from '../options.js';
import { PullReader } from '../pull-reader.js';
import { quoted } from '../text/quoted.js';
import { ResponseParser, type ResponseLimits, type ResponseSink } from './response-parser.js';

/** Options for reading a response. */
export interface ResponseReaderOptions {
  /** Bytes of the head with its empty line, at most; up to 268 435 456. Default 65 536. */
  readonly maxResponseHeadBytes?: number | undefined;
  /** The method of the request: the answer to HEAD has no body. Default: another one. */
  readonly requestMethod?: string | undefined;
}

export const RESPONSE_READER_OPTIONS: OptionNames<ResponseReaderOptions> = {
  maxResponseHeadBytes: true,
  requestMethod: true,
};

const MAX_HEAD_BYTES = 268_435_456;

/** Verifies the options of a response's reader. @throws RangeError | TypeError naming the first that is wrong. */
export function verifyResponseReaderOptions(options: ResponseReaderOptions = {}): ResponseLimits {
  const { maxResponseHeadBytes, requestMethod } = options;
  if (requestMethod !== undefined && typeof requestMethod !== 'string')
    throw new TypeError(`requestMethod must be a string, not ${quoted(requestMethod)}`);
  return {
    maxResponseHeadBytes: verifyLimit(
      'maxResponseHeadBytes',
      maxResponseHeadBytes,
      65_536,
      1,
      MAX_HEAD_BYTES,
    ),
    requestMethod,
  };
}

/**
 * Reads one response: data in, events out when you ask for them; see `RequestReader`.
 *
 *     head ──response-headers──▶ body ──response-end──▶ done
 *       └─────────────────────────┴───── a fault ─────▶ failed
 *
 * Without a `Status` it is 200, or 302 with a `Location`. A status line of HTTP (NPH) is accepted. The body ends at its
 * `Content-Length`, and what follows is dropped; without one it ends with the input.
 *
 * @see RFC 3875 §6
 * @example
 * ```ts
 * import { NEED_DATA, ResponseReader } from 'rxscgi/core';
 *
 * const reader = new ResponseReader();
 * reader.receiveData(new TextEncoder().encode('Status: 204 No Content\r\n\r\n'));
 * reader.receiveData(null);
 * for (let event; (event = reader.nextEvent()) !== NEED_DATA; ) {
 *   console.log(event.type);
 *   if (event.type === 'response-end') break;
 * }
 * ```
 */
export class ResponseReader extends PullReader<IncomingResponseEvent> {
  /** @internal */
  protected readonly parser: ResponseParser;

  /**
   * @param options - see {@link ResponseReaderOptions}.
   * @throws RangeError | TypeError when an option is invalid.
   */
  constructor(options?: ResponseReaderOptions) {
    super();
    verifyOptionNames('ResponseReader', options, RESPONSE_READER_OPTIONS);
    this.parser = new ResponseParser(verifyResponseReaderOptions(options), new EventSink(this.events));
  }

  /** @internal */
  protected bodyEvent(data: Uint8Array): IncomingResponseEvent {
    return { type: 'response-body', data };
  }
}

/** One object for each reader, where a closure for each event costs more. */
class EventSink implements ResponseSink {
  constructor(private readonly events: IncomingResponseEvent[]) {}

  responseHeaders({ status, statusText, headers }: IncomingResponseHead): void {
    this.events.push({ type: 'response-headers', status, statusText, headers });
  }

  responseBody(data: Uint8Array): void {
    this.events.push({ type: 'response-body', data });
  }

  responseEnd(): void {
    this.events.push({ type: 'response-end' });
  }
}
