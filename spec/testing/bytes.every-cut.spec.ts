import { everyCut } from '../../lib/testing/index.js';

describe('everyCut', () => {
  const shown = (length: number): string[] => {
    const bytes = Uint8Array.from({ length }, (_, index) => index + 1);
    return [...everyCut(bytes)].map((pieces) => pieces.map((piece) => piece.join('')).join('|'));
  };

  it.each([
    { length: 0, cuts: [''] },
    { length: 1, cuts: ['1'] },
    { length: 2, cuts: ['12', '1|2'] },
    { length: 3, cuts: ['123', '1|23', '12|3', '1|2|3'] },
    { length: 4, cuts: ['1234', '1|234', '12|34', '123|4', '1|2|3|4'] },
  ])('should cut $length bytes into $cuts', ({ length, cuts }) => {
    expect(shown(length)).toEqual(cuts);
  });

  it('should give the same cuts to a second loop', () => {
    const cuts = everyCut(Uint8Array.of(1, 2, 3));
    expect([...cuts]).toHaveLength(4);
    expect([...cuts]).toHaveLength(4);
  });

  it('should give nothing empty but the whole of nothing', () => {
    expect([...everyCut(new Uint8Array(0))]).toEqual([[new Uint8Array(0)]]);
    const pieces = [...everyCut(new Uint8Array(9))].flat();
    expect(pieces.filter(({ length }) => length === 0)).toEqual([]);
  });
});
