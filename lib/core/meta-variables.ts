/** The headers of one request as CGI meta-variables: bytes underneath, strings on demand. RFC 3875 §4.1. */
import { encodeLatin1 } from './latin1.js';
import { quoted } from './quoted.js';

/** @internal Characters that neither a name nor a value can hold. */
// eslint-disable-next-line no-control-regex
export const NOT_IN_A_HEADER = /[^\x01-\xff]/;

/** Where a header block is: in `bytes`, from `start` to before `end`, at least 1 byte, without its length and its comma. */
export interface HeaderBlock {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Bytes of the connection before the block, for errors. */
  readonly offset: number;
}

/** @internal A value: the text itself, or where in the block's text it starts. */
export function valueIn(blockText: string, value: number | string): string {
  return typeof value === 'string' ? value : blockText.slice(value, blockText.indexOf('\0', value));
}

/**
 * The meta-variables of a request, by name, in wire order.
 *
 * Values are bytes without a charset. `get` decodes them as ISO-8859-1, which loses nothing; where an
 * application knows better (UTF-8, for example), `bytes` returns them as they came. Names are case-sensitive, and
 * `__proto__` is a name like any other.
 *
 *     variables.get('REQUEST_METHOD')   // 'GET'
 *     variables.bytes('HTTP_X_NAME')    // Uint8Array, a view: copy it before you change it
 *     for (const [name, value] of variables) …
 *     console.log(variables)            // MetaVariables Map(2) { 'REQUEST_METHOD' => 'GET', … }
 *
 * @see RFC 3875 §4.1
 */
export class MetaVariables implements Iterable<[name: string, value: string]> {
  /**
   * @internal A reader makes these.
   *
   * @param text - the block as ISO-8859-1.
   * @param values - by name: where the value starts in `text`, or the text of a value that is not in the block as such.
   */
  constructor(
    private readonly block: HeaderBlock,
    private readonly text: string,
    private readonly values: ReadonlyMap<string, number | string>,
  ) {}

  /** The number of distinct names. */
  get size(): number {
    return this.values.size;
  }

  /** Whether the request has a variable of this name, even with an empty value. */
  has(name: string): boolean {
    return this.values.has(name);
  }

  /** The value as ISO-8859-1, or `undefined` when there is none. */
  get(name: string): string | undefined {
    const value = this.values.get(name);
    return value === undefined ? undefined : valueIn(this.text, value);
  }

  /** The value's bytes, or `undefined` when there is none. */
  bytes(name: string): Uint8Array | undefined {
    const value = this.values.get(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return encodeLatin1(value);
    const { bytes, start } = this.block;
    return bytes.subarray(start + value, start + this.text.indexOf('\0', value));
  }

  /** @internal Where the value begins in the header block, in bytes, unless it was put together from several. */
  offsetOf(name: string): number | undefined {
    const value = this.values.get(name);
    return typeof value === 'number' ? value : undefined;
  }

  /** Names and values in wire order; a repeated header has the place of the first. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (const [name, value] of this.values) yield [name, valueIn(this.text, value)];
  }

  /** The pairs, for `JSON.stringify`. An array rather than an object, as `__proto__` is a legal name. */
  toJSON(): [name: string, value: string][] {
    return [...this];
  }

  /** @internal What Node.js prints, in the manner of a `Map`. */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect?: (value: unknown, options: object) => string,
  ): unknown {
    const pairs = new Map(this);
    return inspect ? `MetaVariables ${inspect(pairs, options)}` : pairs;
  }

  /**
   * Makes meta-variables from pairs of ISO-8859-1 strings, for tests and for requests made by hand.
   *
   * @throws TypeError when a name is empty, or a name or a value has a NUL or a character above ff, which no header can carry.
   */
  static from(pairs: Iterable<readonly [name: string, value: string]>): MetaVariables {
    let text = '';
    const values = new Map<string, number>();
    for (const [name, value] of pairs) {
      if (name === '' || NOT_IN_A_HEADER.test(name + value)) {
        throw new TypeError(`the header ${quoted(name)} has an empty name or a character outside of 01..ff`);
      }
      values.set(name, text.length + name.length + 1);
      text += `${name}\0${value}\0`;
    }
    const bytes = encodeLatin1(text);
    return new MetaVariables({ bytes, start: 0, end: bytes.length, offset: 0 }, text, values);
  }
}
