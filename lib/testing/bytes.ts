/** Cuts bytes into chunks, as a network may, and shows them as text. */
import { isBytes } from '../core/text/latin1.js';
import { quoted, quotedChunk } from '../core/text/quoted.js';

/**
 * Cuts bytes into chunks of the given sizes. The rest is the last chunk. The chunks are views of `bytes`.
 *
 *     cut(bytes, 3, 1)      // 3 bytes, 1 byte, the rest
 *
 * Sizes beyond the end are ignored, and `cut(bytes)` is one chunk. Only a size of 0 makes an empty chunk.
 *
 * @param sizes - in bytes, whole numbers.
 * @throws RangeError | TypeError when a size is not a whole number, or `bytes` are not a Uint8Array.
 * @example
 * ```ts
 * import { cut, requestBytes } from 'rxscgi/testing';
 *
 * const [first, second, rest] = cut(requestBytes(), 3, 1); // 3 bytes, 1 byte, and what is left
 * console.log(first?.length, second?.length, rest?.length);
 * ```
 */
export function cut(bytes: Uint8Array, ...sizes: number[]): Uint8Array[] {
  if (!isBytes(bytes)) throw new TypeError(`cut() takes a Uint8Array, not ${quotedChunk(bytes)}`);
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const size of sizes) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new RangeError(`a size must be a whole number, not ${quoted(size)}`);
    if (start === bytes.length) break;
    pieces.push(bytes.subarray(start, start + size));
    start = Math.min(bytes.length, start + size);
  }
  if (start < bytes.length) pieces.push(bytes.subarray(start));
  return pieces;
}

/**
 * Yields the bytes in one chunk, in two chunks for every place to cut, and byte by byte: these show whether a result depends on chunking.
 *
 *     for (const pieces of everyCut(bytes)) expect(read(pieces)).toEqual(read([bytes]));
 *
 * The result can be iterated more than once.
 *
 * @param bytes - what to cut; the pieces are views of it.
 * @example
 * ```ts
 * import { decodeScgiEvents } from 'rxscgi';
 * import { everyCut, requestBytes } from 'rxscgi/testing';
 * import { from, lastValueFrom } from 'rxjs';
 *
 * for (const pieces of everyCut(requestBytes()))
 *   console.assert((await lastValueFrom(from(pieces).pipe(decodeScgiEvents()))).type === 'request-end');
 * ```
 */
export function everyCut(bytes: Uint8Array): Iterable<Uint8Array[]> {
  return { [Symbol.iterator]: () => cutsOf(bytes) };
}

function* cutsOf(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes];
  for (let size = 1; size < bytes.length; size++) yield cut(bytes, size);
  // Of two bytes, the cut in the middle is byte by byte already.
  if (bytes.length > 2) yield cut(bytes, ...Array.from(bytes, () => 1));
}

/**
 * Decodes UTF-8. A byte order mark is kept, and invalid bytes become U+FFFD.
 *
 * @example
 * ```ts
 * import { textOf } from 'rxscgi/testing';
 *
 * console.log(textOf(new Uint8Array([0xc3, 0xa9]))); // é
 * ```
 */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
