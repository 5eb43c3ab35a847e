/** Makes large bodies, chunk by chunk. */
const CHUNK_BYTES = 65_536;
export const CHUNK = Buffer.alloc(CHUNK_BYTES, 'x');

export function* chunksOf(bytes) {
  let left = bytes;
  for (; left >= CHUNK_BYTES; left -= CHUNK_BYTES) yield CHUNK;
  if (left > 0) yield CHUNK.subarray(0, left);
}
