/** Cuts bytes where a network would not ask. */

/**
 * Views of `bytes`, of the sizes given; what is left over is the last one.
 *
 *     cut(bytes, 3, 1)      // 3 bytes, 1 byte, the rest
 *
 * Sizes beyond the end are not used up: `cut(bytes)` is the whole, and no piece is empty but for a size of 0.
 *
 * @param sizes - in bytes, whole numbers.
 * @throws RangeError when a size is no whole number.
 */
export function cut(bytes: Uint8Array, ...sizes: number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const size of sizes) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new RangeError(`a size is a whole number, not ${size}`);
    if (start === bytes.length) break;
    pieces.push(bytes.subarray(start, start + size));
    start = Math.min(bytes.length, start + size);
  }
  if (start < bytes.length) pieces.push(bytes.subarray(start));
  return pieces;
}
