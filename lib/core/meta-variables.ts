/** The headers of one request as CGI meta-variables: bytes underneath, strings on demand. RFC 3875 §4.1. */
import type { HeaderBlock } from './request/header-block-place.js';
import { encodeLatin1 } from './latin1.js';
import type { ValueStarts } from './request/value-starts.js';

/** What neither a name nor a value can hold. */
// eslint-disable-next-line no-control-regex
const NOT_IN_A_HEADER = /[^\x01-\xff]/;

/**
 * The meta-variables of a request, by name, in wire order.
 *
 * Values are bytes without a charset. `get` decodes them as ISO-8859-1, which loses nothing; where an
 * application knows better (UTF-8, say), `bytes` has them as they came. Names are case-sensitive, and any
 * string is one: `__proto__` is a name like others.
 *
 *     variables.get('REQUEST_METHOD')   // 'GET'
 *     variables.bytes('HTTP_X_NAME')    // Uint8Array, a view: copy it before you change it
 *     for (const [name, value] of variables) …
 *
 * @see RFC 3875 §4.1
 */
export class MetaVariables implements Iterable<[name: string, value: string]> {
  /**
   * @internal A reader makes these: of the block, where each name's value starts in its text, and the joined values of headers
   * that came more than once.
   */
  constructor(
    private readonly block: HeaderBlock,
    private readonly starts: ValueStarts,
    private readonly merged?: ReadonlyMap<string, string>,
  ) {}

  /** The number of distinct names. */
  get size(): number {
    return this.starts.size;
  }

  /** Whether the request has a variable of this name, be its value empty or not. */
  has(name: string): boolean {
    return this.starts.has(name);
  }

  /** The value as ISO-8859-1, or `undefined` when there is none. */
  get(name: string): string | undefined {
    const start = this.starts.get(name);
    if (start === undefined) return undefined;
    const { text } = this.block;
    return this.merged?.get(name) ?? text.slice(start, text.indexOf('\0', start));
  }

  /** The value's bytes, or `undefined` when there is none. */
  bytes(name: string): Uint8Array | undefined {
    const start = this.starts.get(name);
    if (start === undefined) return undefined;
    const merged = this.merged?.get(name);
    if (merged !== undefined) return encodeLatin1(merged);
    const { place, text } = this.block;
    return place.bytes.subarray(place.start + start, place.start + text.indexOf('\0', start));
  }

  /** Where the value begins in the header block, in bytes. */
  offsetOf(name: string): number | undefined {
    return this.starts.get(name);
  }

  /** Names and values in wire order; a merged header stands where it came first. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (const name of this.starts.keys()) yield [name, this.get(name) as string];
  }

  /**
   * Makes meta-variables from pairs of ISO-8859-1 strings, for tests and for requests made by hand.
   *
   * @throws TypeError when a name is empty, or a name or a value has a NUL or a character above ff, which no header can carry.
   */
  static from(pairs: Iterable<readonly [name: string, value: string]>): MetaVariables {
    let text = '';
    const starts = new Map<string, number>();
    for (const [name, value] of pairs) {
      if (name === '' || NOT_IN_A_HEADER.test(name + value)) {
        throw new TypeError(
          `the header ${JSON.stringify(name)} has no name, or a character outside of 01..ff`,
        );
      }
      starts.set(name, text.length + name.length + 1);
      text += `${name}\0${value}\0`;
    }
    const bytes = encodeLatin1(text);
    return new MetaVariables({ place: { bytes, start: 0, end: bytes.length, offset: 0 }, text }, starts);
  }
}
