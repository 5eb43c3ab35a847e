import { cut } from '../../lib/testing/index.js';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5);

describe('cut', () => {
  const shown = (...sizes: number[]): string =>
    cut(BYTES, ...sizes)
      .map((piece) => piece.join(''))
      .join('|');

  it.each([
    { sizes: [], pieces: '12345' },
    { sizes: [2], pieces: '12|345' },
    { sizes: [1, 3], pieces: '1|234|5' },
    { sizes: [2, 3], pieces: '12|345' },
    { sizes: [5], pieces: '12345' },
    { sizes: [9], pieces: '12345' },
    { sizes: [3, 9, 1], pieces: '123|45' },
    { sizes: [0, 2, 0], pieces: '|12||345' },
    { sizes: [5, 0], pieces: '12345' },
  ])('should cut 5 bytes by the sizes $sizes into $pieces', ({ sizes, pieces }) => {
    expect(shown(...sizes)).toBe(pieces);
  });

  it('should make no piece of nothing', () => {
    expect(cut(new Uint8Array(0))).toEqual([]);
    expect(cut(new Uint8Array(0), 1, 0)).toEqual([]);
  });

  it('should give views, not copies', () => {
    for (const piece of cut(BYTES, 2)) expect(piece.buffer).toBe(BYTES.buffer);
  });

  it.each([-1, 1.5, NaN, Infinity])('should refuse the size %s', (size) => {
    expect(() => cut(BYTES, 1, size)).toThrow(RangeError);
  });
});
