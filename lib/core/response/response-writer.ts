/**
 * Writes one response: events in, the text of its head and the bytes of its body out. RFC 3875 §6.
 *
 *     head ──response-headers──▶ body ──response-end──▶ done
 *       └──────────────────────────┴──── a fault ─────▶ failed
 *
 * Pure. Its errors are `ScgiUsageError`s: the application causes them.
 */
import { ScgiUsageError } from '../errors/errors.js';
import type { ResponseEvent, ResponseHeadInit } from '../events.js';
import { encodeLatin1, isBytes, isDetached } from '../text/latin1.js';
import { quoted, quotedChunk } from '../text/quoted.js';
import { makeResponseHead, redirectWithMore, type HeadContext, type ResponseHead } from './response-head.js';

/** Where a writer is in its response. */
export type ResponseWriterState = 'head' | 'body' | 'done' | 'failed';

const NOTHING = new Uint8Array(0);

/**
 * Writes one response: call `writeHead`, `writeBody` for each piece, and `end`; or call `send` with the same as events.
 *
 * @example
 * ```ts
 * import { ResponseWriter } from 'rxscgi/core';
 *
 * const writer = new ResponseWriter();
 * const chunks = [
 *   writer.send({ type: 'response-headers', status: 200, headers: { 'Content-Type': 'text/plain' } }),
 *   writer.send({ type: 'response-body', data: new TextEncoder().encode('Hello') }),
 *   writer.send({ type: 'response-end' }),
 * ];
 * console.log(chunks.length);
 * ```
 */
export class ResponseWriter {
  private currentState: ResponseWriterState = 'head';
  private head: ResponseHead | undefined;
  private bodyBytes = 0;

  /** What comes next: `head`, `body`, `done`, or `failed` after a fault. */
  get state(): ResponseWriterState {
    return this.currentState;
  }

  /** The status of the response. Known when its head has been written. */
  get status(): number | undefined {
    return this.head?.status;
  }

  /** Whether the body is sent, dropped or forbidden. Known when the head has been written. */
  get bodyPolicy(): ResponseHead['body'] | undefined {
    return this.head?.body;
  }

  /** Whether the body has come to its `Content-Length`. @internal */
  get isWhole(): boolean {
    return this.head?.contentLength === this.bodyBytes && this.currentState !== 'failed';
  }

  /**
   * Checks one event, and returns its bytes.
   *
   * @returns the bytes to send; none for the end, and none for a body that is not sent (HEAD, 204, 205, 304).
   * @throws ScgiUsageError before a byte goes out, unless docs/reference/errors.md says otherwise.
   * @throws TypeError for an event of an unknown type.
   */
  send(event: ResponseEvent, context?: HeadContext): Uint8Array {
    if (typeof event !== 'object' || (event as unknown) === null)
      throw new TypeError(`${quoted(event)} is not a response event`);
    switch (event.type) {
      case 'response-headers':
        return encodeLatin1(this.writeHead(event, context));
      case 'response-body':
        if (typeof event.data === 'string') throw this.fail(notBytes(event.data));
        return this.writeBody(event.data) ?? NOTHING;
      case 'response-end':
        this.end();
        return NOTHING;
      default:
        event satisfies never;
        throw new TypeError(`${quoted((event as { type?: unknown }).type)} is not a response event`);
    }
  }

  /**
   * Writes the head, as a string in which each character is one byte.
   *
   * @throws ScgiUsageError before a byte goes out; see docs/reference/errors.md.
   */
  writeHead(init: ResponseHeadInit, context: HeadContext = {}): string {
    if (this.currentState !== 'head') throw this.fail(outOfOrder('a second head came'));
    try {
      this.head = makeResponseHead(init, context);
    } catch (fault) {
      throw this.fail(fault as Error);
    }
    this.currentState = 'body';
    return this.head.text;
  }

  /**
   * Checks a piece of the body, and returns it, or `undefined` when the body is not sent.
   *
   * @param data - bytes, or a string in which each character is one byte.
   * @throws ScgiUsageError ERR_SCGI_BODY_LENGTH when it exceeds Content-Length, ERR_SCGI_BODY_TYPE when it is neither
   * bytes nor text, or its buffer has been transferred; nothing of this piece goes out.
   */
  writeBody<Data extends Uint8Array | string>(data: Data): Data | undefined {
    if (this.currentState === 'head') throw this.fail(outOfOrder('the body came before the head'));
    if (this.currentState !== 'body') throw this.fail(outOfOrder('more of the body came after the end'));
    const { body, contentLength } = this.head as ResponseHead;
    if (typeof data !== 'string') {
      if (!isBytes(data)) throw this.fail(notBytes(data));
      if (data.length === 0 && isDetached(data)) throw this.fail(transferred());
    }
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
   * Ends the response.
   *
   * @throws ScgiUsageError ERR_SCGI_BODY_LENGTH when the body is shorter than its `Content-Length`: cut the connection.
   */
  end(): void {
    if (this.currentState === 'head') throw this.fail(outOfOrder('the end came before the head'));
    if (this.currentState !== 'body') throw this.fail(outOfOrder('a second end came'));
    const { body, contentLength } = this.head as ResponseHead;
    if (body === 'sent' && contentLength !== undefined && this.bodyBytes < contentLength) {
      throw this.fail(wrongLength(contentLength, this.bodyBytes));
    }
    this.currentState = 'done';
  }

  /**
   * Checks that the response is complete. Call it when no more events come.
   *
   * @throws ScgiUsageError ERR_SCGI_NO_RESPONSE when there was no event; ERR_SCGI_EVENT_ORDER inside a response: cut the connection, so
   * that it does not look complete.
   */
  close(): void {
    if (this.currentState === 'head')
      throw this.fail(new ScgiUsageError('ERR_SCGI_NO_RESPONSE', 'no response came'));
    if (this.currentState === 'body') throw this.fail(outOfOrder('the events stopped before response-end'));
  }

  private fail<E>(error: E): E {
    this.currentState = 'failed';
    return error;
  }
}

function notBytes(data: unknown): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_BODY_TYPE',
    `the body of a response must be Uint8Arrays, not ${quotedChunk(data)}`,
  );
}

function transferred(): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_BODY_TYPE',
    'the buffer of a chunk was transferred before it went out; transfer a copy',
  );
}

function outOfOrder(what: string): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_EVENT_ORDER',
    `${what}: a connection carries one response, which is head, body, end`,
  );
}

function wrongLength(promised: number, actual: number): ScgiUsageError {
  const how = actual > promised ? 'longer' : 'shorter';
  return new ScgiUsageError(
    'ERR_SCGI_BODY_LENGTH',
    `the body is ${how} than its Content-Length: ${promised} bytes were promised, ${actual} came`,
  );
}
