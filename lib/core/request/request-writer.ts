/**
 * Writes one SCGI request: events in, bytes out. SCGI §3 and §4.
 *
 *     head ──request-headers──▶ body ──request-end──▶ done
 *       └────────────────────────┴──── a fault ─────▶ failed
 */
import { ScgiUsageError } from '../errors/errors.js';
import type { RequestHeadInit, RequestWriterEvent } from '../events.js';
import { checkedPair } from '../headers/checked-pair.js';
import { encodeLatin1, isBytes } from '../text/latin1.js';
import { NOT_IN_A_HEADER } from '../headers/meta-variables.js';
import { quoted, quotedChunk } from '../text/quoted.js';

/** Where a writer is in its request. */
export type RequestWriterState = 'head' | 'body' | 'done' | 'failed';

const NUL = '\0';
const DIGITS = /^[0-9]+$/;
const BEYOND_LATIN1 = /[^\0-\xff]/;
const NOTHING = new Uint8Array(0);

/**
 * A writer for one request, towards an application: `send` events; or `writeHead`, any number of `writeBody`, `end`.
 *
 * @example
 * ```ts
 * import { RequestWriter } from 'rxscgi/core';
 *
 * const writer = new RequestWriter();
 * const chunks = [
 *   writer.send({ type: 'request-headers', variables: { REQUEST_METHOD: 'GET', REQUEST_URI: '/' } }),
 *   writer.send({ type: 'request-end' }),
 * ];
 * console.log(chunks.length);
 * ```
 */
export class RequestWriter {
  private currentState: RequestWriterState = 'head';
  private bodyRemaining = 0;

  /** What comes next: `head`, `body`, `done`, or `failed` after a fault. */
  get state(): RequestWriterState {
    return this.currentState;
  }

  /**
   * Writes one event. The events that a `RequestReader` returns fit.
   *
   * @returns the bytes to send; none for an end.
   * @throws ScgiUsageError for what cannot be sent; nothing of it goes out.
   * @throws TypeError for an event of an unknown type.
   */
  send(event: RequestWriterEvent): Uint8Array {
    if (typeof event !== 'object' || (event as unknown) === null)
      throw new TypeError(`${quoted(event)} is not a request event`);
    switch (event.type) {
      case 'request-headers':
        return encodeLatin1(this.writeHead(event));
      case 'request-body':
        if (typeof event.data === 'string') throw this.notBytes(event.data);
        return this.writeBody(event.data);
      case 'request-end':
        this.end();
        return NOTHING;
      default:
        event satisfies never;
        throw new TypeError(`${quoted((event as { type?: unknown }).type)} is not a request event`);
    }
  }

  /**
   * Writes the head, as text of which each character is a byte: `CONTENT_LENGTH` first, `SCGI` second, the others in their order.
   *
   * @throws ScgiUsageError ERR_SCGI_HEADER_INVALID for an empty name, a name twice, NUL or a character above ff, an invalid
   * length, or two lengths that differ.
   */
  writeHead(init: RequestHeadInit): string {
    if (this.currentState !== 'head') throw this.outOfOrder('a second head came');
    // Until it has been written.
    this.currentState = 'failed';
    const others = this.distinct(init.variables);
    const length = this.lengthOf(init.contentLength, others.get('CONTENT_LENGTH'));
    const version = others.get('SCGI') ?? '1';
    if (version !== '1')
      throw this.fail('ERR_SCGI_HEADER_INVALID', `SCGI must be "1", not ${quoted(version)}`);
    const texts = ['CONTENT_LENGTH', String(length), 'SCGI', version];
    for (const [name, value] of others) {
      if (typeof name !== 'string' || name === '' || typeof value !== 'string') throw this.invalid(name);
      if (name !== 'CONTENT_LENGTH' && name !== 'SCGI') texts.push(name, value);
    }
    // Joined at once: each step of a concatenation would be an object.
    const block = texts.join(NUL);
    // One look at all of it costs less than one at each name and each value.
    if (BEYOND_LATIN1.test(block) || countNuls(block) !== texts.length - 1) throw this.firstInvalid(others);
    this.bodyRemaining = length;
    this.currentState = 'body';
    return `${block.length + 1}:${block}\0,`;
  }

  /**
   * Checks a piece of the body, and returns it.
   *
   * @throws ScgiUsageError ERR_SCGI_BODY_LENGTH when it exceeds the length in the head, ERR_SCGI_BODY_TYPE when it is neither bytes nor
   * text; nothing of this piece goes out.
   */
  writeBody<Data extends Uint8Array | string>(data: Data): Data {
    if (this.currentState === 'head') throw this.outOfOrder('the body came before the head');
    if (this.currentState !== 'body') throw this.outOfOrder('more of the body came after the end');
    if (typeof data !== 'string' && !isBytes(data)) throw this.notBytes(data);
    this.bodyRemaining -= data.length;
    if (this.bodyRemaining < 0) {
      throw this.fail(
        'ERR_SCGI_BODY_LENGTH',
        `the body is ${-this.bodyRemaining} bytes longer than was announced`,
      );
    }
    return data;
  }

  /**
   * Ends the request.
   *
   * @throws ScgiUsageError ERR_SCGI_BODY_LENGTH when less came than the head announced: cut the connection then.
   */
  end(): void {
    if (this.currentState === 'head') throw this.outOfOrder('the end came before the head');
    if (this.currentState !== 'body') throw this.outOfOrder('a second end came');
    if (this.bodyRemaining > 0) {
      throw this.fail(
        'ERR_SCGI_BODY_LENGTH',
        `the body is ${this.bodyRemaining} bytes shorter than was announced`,
      );
    }
    this.currentState = 'done';
  }

  /** The variables by name. @throws ScgiUsageError ERR_SCGI_HEADER_INVALID for a name twice. */
  private distinct(variables: RequestHeadInit['variables']): ReadonlyMap<string, string> {
    if (typeof variables !== 'object' || (variables as unknown) === null) {
      const message = `the variables of a request are an object or pairs, not ${quoted(variables)}`;
      throw this.fail('ERR_SCGI_HEADER_INVALID', message);
    }
    if (Object.getPrototypeOf(variables) === Map.prototype) return variables as ReadonlyMap<string, string>;
    const found = new Map<string, string>();
    for (const pair of Symbol.iterator in variables ? variables : Object.entries(variables)) {
      const [name, value] = checkedPair(pair);
      if (found.has(name))
        throw this.fail('ERR_SCGI_HEADER_INVALID', `the variable ${quoted(name)} comes twice`);
      found.set(name, value);
    }
    return found;
  }

  private firstInvalid(variables: ReadonlyMap<string, string>): ScgiUsageError {
    const [name] = [...variables].find((pair) => NOT_IN_A_HEADER.test(pair.join(''))) ?? [];
    return this.invalid(name);
  }

  private invalid(name: unknown): ScgiUsageError {
    const isName = typeof name === 'string' && name !== '' && !NOT_IN_A_HEADER.test(name);
    return this.fail(
      'ERR_SCGI_HEADER_INVALID',
      isName
        ? `the variable ${quoted(name)} has NUL, a character above ff, or no string as its value`
        : `${quoted(name)} is not the name of a variable`,
    );
  }

  private lengthOf(given: number | undefined, text: string | undefined): number {
    const length = given ?? (text === undefined ? 0 : DIGITS.test(text) ? Number(text) : NaN);
    const isLength = Number.isSafeInteger(length) && length >= 0;
    if (isLength && (text === undefined || (DIGITS.test(text) && Number(text) === length))) return length;
    throw this.fail(
      'ERR_SCGI_HEADER_INVALID',
      `the length of the body must be one whole number, not ${quoted(given)} and ${quoted(text)}`,
    );
  }

  private notBytes(data: unknown): ScgiUsageError {
    return this.fail(
      'ERR_SCGI_BODY_TYPE',
      `the body of a request must be Uint8Arrays, not ${quotedChunk(data)}`,
    );
  }

  private outOfOrder(what: string): ScgiUsageError {
    return this.fail(
      'ERR_SCGI_EVENT_ORDER',
      `${what}: a connection carries one request, which is head, body, end`,
    );
  }

  private fail(code: ScgiUsageError['code'], message: string): ScgiUsageError {
    this.currentState = 'failed';
    return new ScgiUsageError(code, message);
  }
}

function countNuls(text: string): number {
  let count = 0;
  for (let at = text.indexOf(NUL); at >= 0; at = text.indexOf(NUL, at + 1)) count++;
  return count;
}
