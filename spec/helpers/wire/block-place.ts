import type { HeaderBlock } from '../../../lib/core/headers/meta-variables.js';

/** A header block that is all of some bytes. */
export function placeOf(bytes: Uint8Array, offset = 0): HeaderBlock {
  return { bytes, start: 0, end: bytes.length, offset };
}
