/** The headers of one request as CGI meta-variables: bytes underneath, strings on demand. RFC 3875 §4.1. */
import { HeaderTable, hashOf, type HashedName } from './header-table.js';
import { encodeLatin1 } from '../text/latin1.js';
import { quoted } from '../text/quoted.js';

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
 * @example
 * ```ts
 * import type { ScgiRequest } from 'rxscgi';
 *
 * export function show({ variables }: ScgiRequest): void {
 *   console.log(variables.get('REQUEST_METHOD'), variables.has('HTTPS'), variables.size);
 *   for (const [name, value] of variables) console.log(`${name}=${value}`);
 * }
 * ```
 */
export class MetaVariables implements Iterable<[name: string, value: string]> {
  /** @internal A reader makes these. @param headers - their places in `block`, decoded as ISO-8859-1. */
  constructor(
    private readonly block: HeaderBlock,
    private readonly headers: HeaderTable,
  ) {}

  /** The number of distinct names. */
  get size(): number {
    return this.headers.size;
  }

  /** Whether the request has a variable of this name, even with an empty value. */
  has(name: string): boolean {
    return this.headers.find(name) > 0;
  }

  /** The value as ISO-8859-1, or `undefined` when there is none. */
  get(name: string): string | undefined {
    const header = this.headers.find(name);
    return header > 0 ? this.headers.valueOf(header) : undefined;
  }

  /** @internal The same as `get`, for a name that has been hashed. */
  getHashed({ name, hash }: HashedName): string | undefined {
    const header = this.headers.find(name, hash);
    return header > 0 ? this.headers.valueOf(header) : undefined;
  }

  /** The value's bytes, or `undefined` when there is none. */
  bytes(name: string): Uint8Array | undefined {
    const { block, headers } = this;
    const header = headers.find(name);
    if (header === 0) return undefined;
    const value = headers.valueOf(header);
    if (headers.replacementOf(header) !== undefined) return encodeLatin1(value);
    return block.bytes.subarray(block.start + header, block.start + header + value.length);
  }

  /** @internal Where the value begins in the header block, in bytes, unless it was put together from several. */
  offsetOf(name: string): number | undefined {
    const header = this.headers.find(name);
    return header === 0 || this.headers.replacementOf(header) !== undefined ? undefined : header;
  }

  /** Iterates over names and values in wire order; a repeated header is in the place of the first. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    const { headers } = this;
    for (const header of headers) yield [headers.nameOf(header), headers.valueOf(header)];
  }

  /** The pairs, for `JSON.stringify`. They are an array and not an object, because `__proto__` is a legal name. */
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
    const unique = new Map<string, string>();
    for (const [name, value] of pairs) {
      if (name === '' || NOT_IN_A_HEADER.test(name + value)) {
        throw new TypeError(`the header ${quoted(name)} has an empty name or a character outside of 01..ff`);
      }
      unique.set(name, value);
    }
    const text = [...unique].map(([name, value]) => `${name}\0${value}\0`).join('');
    const bytes = encodeLatin1(text);
    const headers = new HeaderTable(text);
    let start = 0;
    for (const [name, value] of unique) {
      headers.add(hashOf(name), start, start + name.length);
      start += name.length + value.length + 2;
    }
    return new MetaVariables({ bytes, start: 0, end: bytes.length, offset: 0 }, headers);
  }
}
