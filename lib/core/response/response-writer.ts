/**
 * Writes one response: events in, the text of its head and the bytes of its body out. RFC 3875 §6.
 *
 *     head ──response-headers──▶ body ──response-end──▶ done
 *       └──────────────────────────┴──── a fault ─────▶ failed
 *
 * Pure, and all of it `ScgiUsageError`s: what is wrong here, the application did.
 */
import { ScgiUsageError } from '../errors.js';
import type { ResponseHeadInit } from '../events.js';
import { makeResponseHead, redirectWithMore, type HeadContext, type ResponseHead } from './response-head.js';

type State = 'head' | 'body' | 'done' | 'failed';

/** A writer for one response: `writeHead`, any number of `writeBody`, `end`. */
export class ResponseWriter {
  private state: State = 'head';
  private head: ResponseHead | undefined;
  private bodyBytes = 0;

  /** The status that went out, once it has. */
  get status(): number | undefined {
    return this.head?.status;
  }

  /** What becomes of the body, once the head is known. */
  get bodyPolicy(): ResponseHead['body'] | undefined {
    return this.head?.body;
  }

  /**
   * The head, as text of which each character is a byte.
   *
   * @throws ScgiUsageError before a byte goes out; see docs/errors.md.
   */
  writeHead(init: ResponseHeadInit, context: HeadContext = {}): string {
    if (this.state !== 'head') throw this.fail(outOfOrder('a second head came'));
    try {
      this.head = makeResponseHead(init, context);
    } catch (fault) {
      throw this.fail(fault as ScgiUsageError);
    }
    this.state = 'body';
    return this.head.text;
  }

  /**
   * What of `data` goes out; `undefined` where the response has no body (HEAD, 204, 304).
   *
   * @param data - bytes, or text of which each character is one.
   * @throws ScgiUsageError ERR_SCGI_BODY_LENGTH when more comes than Content-Length says, and none of that chunk goes out.
   */
  writeBody<Data extends Uint8Array | string>(data: Data): Data | undefined {
    if (this.state === 'head') throw this.fail(outOfOrder('the body came before the head'));
    if (this.state !== 'body') throw this.fail(outOfOrder('more of the body came after the end'));
    const { body, contentLength } = this.head as ResponseHead;
    if (body === 'dropped') return undefined;
    if (body === 'forbidden') {
      if (data.length === 0) return undefined;
      throw this.fail(redirectWithMore());
    }
    const total = this.bodyBytes + data.length;
    if (contentLength !== undefined && total > contentLength)
      throw this.fail(wrongLength(contentLength, total));
    this.bodyBytes = total;
    return data;
  }

  /**
   * The response is complete.
   *
   * @throws ScgiUsageError ERR_SCGI_BODY_LENGTH when less came than Content-Length says: the connection must be cut.
   */
  end(): void {
    if (this.state === 'head') throw this.fail(outOfOrder('the end came before the head'));
    if (this.state !== 'body') throw this.fail(outOfOrder('a second end came'));
    const { body, contentLength } = this.head as ResponseHead;
    if (body === 'sent' && contentLength !== undefined && this.bodyBytes < contentLength) {
      throw this.fail(wrongLength(contentLength, this.bodyBytes));
    }
    this.state = 'done';
  }

  /**
   * No more events come.
   *
   * @throws ScgiUsageError ERR_SCGI_EVENT_ORDER inside a response: cut short, it must not look complete.
   */
  close(): void {
    if (this.state === 'body') throw this.fail(outOfOrder('the events stopped before response-end'));
  }

  private fail(error: ScgiUsageError): ScgiUsageError {
    this.state = 'failed';
    return error;
  }
}

function outOfOrder(what: string): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_EVENT_ORDER',
    `${what}: a connection carries one response, head, body, end`,
  );
}

function wrongLength(promised: number, actual: number): ScgiUsageError {
  const how = actual > promised ? 'longer' : 'shorter';
  return new ScgiUsageError(
    'ERR_SCGI_BODY_LENGTH',
    `the body is ${how} than Content-Length: ${promised} bytes were promised, ${actual} came`,
  );
}
