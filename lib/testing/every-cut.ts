/** The cuts that show whether a result depends on chunking. */
import { cut } from './cut.js';

/**
 * The whole, every cut into two, and byte by byte; none comes twice.
 *
 *     for (const pieces of everyCut(bytes)) expect(read(pieces)).toEqual(read([bytes]));
 *
 * Can be iterated again and again, so that a second loop over it tests as much as the first.
 *
 * @param bytes - what to cut; the pieces are views of it.
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
