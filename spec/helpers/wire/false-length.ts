/** Chunks of a subclass of Uint8Array whose `length` is not true. */

/** What a `length` says of this many bytes. */
export const FALSE_LENGTHS: readonly [string, (trueLength: number) => number][] = [
  ['NaN', () => NaN],
  ['Infinity', () => Infinity],
  ['-1', () => -1],
  ['0', () => 0],
  ['one too few', (length) => length - 1],
  ['one too many', (length) => length + 1],
  ['2^40', () => 2 ** 40],
  [
    'an error',
    () => {
      throw new Error('length is thrown');
    },
  ],
];

/** Bytes whose `length`, and `byteLength` with it, is what `lengthOf` makes of it. */
export function withFalseLength(text: string, lengthOf: (trueLength: number) => number): Uint8Array {
  class FalseLength extends Uint8Array {
    override get length(): number {
      return lengthOf(text.length);
    }
    override get byteLength(): number {
      return lengthOf(text.length);
    }
  }
  const bytes = new FalseLength(text.length);
  Uint8Array.prototype.set.call(bytes, Buffer.from(text, 'latin1'));
  return bytes;
}
