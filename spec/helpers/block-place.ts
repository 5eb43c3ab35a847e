import type { BlockPlace } from '../../lib/core/request/header-block-place.js';

/** A header block that is all of some bytes. */
export function placeOf(bytes: Uint8Array, offset = 0): BlockPlace {
  return { bytes, start: 0, end: bytes.length, offset };
}
