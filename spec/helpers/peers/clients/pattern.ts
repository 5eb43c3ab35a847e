/** Test data of any size: always the same bytes, in blocks that all differ, so that lost or swapped blocks are detected. */
import { createHash } from 'node:crypto';

export const MIB = 1024 * 1024;

const BLOCK_BYTES = 64 * 1024;
const base = createBaseBlock();
const digests = new Map<number, string>();

/** The first `bytes` bytes of the pattern, block by block. */
export function* pattern(bytes: number): Generator<Uint8Array, void> {
  for (let sent = 0, block = 0; sent < bytes; sent += BLOCK_BYTES, block++) {
    const data = base.slice(0, Math.min(BLOCK_BYTES, bytes - sent));
    if (data.length >= 4) new DataView(data.buffer).setUint32(0, block);
    yield data;
  }
}

/** The SHA-256 of the first `bytes` bytes of the pattern, in hexadecimal. */
export function patternDigest(bytes: number): string {
  const known = digests.get(bytes);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const block of pattern(bytes)) hash.update(block);
  const digest = hash.digest('hex');
  digests.set(bytes, digest);
  return digest;
}

/** Contains every byte value, in an order that no text conversion preserves. */
function createBaseBlock(): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  let state = 0x2545f491;
  for (let i = 0; i < BLOCK_BYTES; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block[i] = state & 0xff;
  }
  return block;
}
