/** Data of any size. It is the same each time, and no two blocks are alike, so that lost or swapped blocks are noticed. */
import { createHash } from 'node:crypto';

export const BLOCK_BYTES = 64 * 1024;
/** Length of the number at the beginning of each block. */
const NUMBER_BYTES = 4;

const base = createBaseBlock();

/** Yields the first `bytes` bytes of the pattern, each block in a new buffer. */
export function* pattern(bytes) {
  for (let block = 0; block * BLOCK_BYTES < bytes; block++) yield patternBlock(block, bytes);
}

export function patternBlock(block, bytes = Infinity) {
  const data = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, bytes - block * BLOCK_BYTES));
  base.copy(data);
  if (data.length >= NUMBER_BYTES) data.writeUInt32BE(block);
  return data;
}

/** Yields the same bytes without copying: the number of each block, and a view of the rest, which all blocks share. */
export function* patternViews(bytes) {
  const shared = base.subarray(NUMBER_BYTES);
  for (let block = 0; block * BLOCK_BYTES < bytes; block++) {
    const left = bytes - block * BLOCK_BYTES;
    const number = Buffer.allocUnsafe(NUMBER_BYTES);
    number.writeUInt32BE(block);
    yield left < NUMBER_BYTES ? base.subarray(0, left) : number;
    if (left > NUMBER_BYTES) yield shared.subarray(0, left - NUMBER_BYTES);
  }
}

const digests = new Map();

/** Returns the SHA-256 of the first `bytes` bytes of the pattern, after each block was transformed. */
export function patternDigest(bytes, transform = (data) => data) {
  const key = `${bytes} ${transform}`;
  let digest = digests.get(key);
  if (digest === undefined) {
    const hash = createHash('sha256');
    for (const data of pattern(bytes)) hash.update(transform(data));
    digests.set(key, (digest = hash.digest('hex')));
  }
  return digest;
}

/** Fills a block with every byte value, in an order that a conversion to text would destroy. */
function createBaseBlock() {
  const block = Buffer.alloc(BLOCK_BYTES);
  let state = 0x2545f491;
  for (let i = 0; i < BLOCK_BYTES; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block[i] = state & 0xff;
  }
  return block;
}
