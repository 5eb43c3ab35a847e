/** Data of any size: the same bytes each time, and no two blocks of it alike, so that a swap or a loss shows. */
import { createHash } from 'node:crypto';

export const BLOCK_BYTES = 64 * 1024;
/** By which blocks differ, at the beginning of each. */
const NUMBER_BYTES = 4;

const base = createBaseBlock();

/** The first `bytes` bytes of the pattern, each block a buffer of its own. */
export function* pattern(bytes) {
  for (let block = 0; block * BLOCK_BYTES < bytes; block++) yield patternBlock(block, bytes);
}

export function patternBlock(block, bytes = Infinity) {
  const data = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, bytes - block * BLOCK_BYTES));
  base.copy(data);
  if (data.length >= NUMBER_BYTES) data.writeUInt32BE(block);
  return data;
}

/** The same bytes, in views of what is at hand: each block's number, and the rest, which all of them share. */
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

/** The SHA-256 of the first `bytes` bytes of the pattern, each block transformed first. */
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

/** Every byte value, in no order that a text conversion would survive. */
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
