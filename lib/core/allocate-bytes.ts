/** Memory for small pieces of a response. */

/** What one buffer is cut into. */
const SLAB_BYTES = 8192;
/** A larger piece gets a buffer of its own: few would fit a slab, and each would keep all of it alive. */
const MAX_SLICE_BYTES = 1024;

let slab = new Uint8Array(0);
let used = 0;

/**
 * Bytes to write to, cut from a buffer that many share, as a buffer for each costs five times as much: a small
 * response is a head and a short text. They are zero, and nobody else's; their `buffer` is not theirs alone.
 */
export function allocateBytes(length: number): Uint8Array {
  if (length > MAX_SLICE_BYTES) return new Uint8Array(length);
  if (used + length > slab.length) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  const start = used;
  used += length;
  return new Uint8Array(slab.buffer, start, length);
}
