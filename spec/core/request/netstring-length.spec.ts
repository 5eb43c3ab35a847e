import { appendDigit, badLength, showByte } from '../../../lib/core/request/netstring-length.js';
import { factsOf, factsThrownBy } from '../../helpers/faults/error-facts.js';
import { wire } from '../../helpers/wire/wire.js';

describe('appendDigit', () => {
  const append = (length: number | undefined, character: string, maxHeaderBytes = 65_536): number =>
    appendDigit(length, character.charCodeAt(0), 7, maxHeaderBytes);

  it('should build the number that the digits denote', () => {
    const digits = [...wire('1209')];
    const lengths = digits.reduce<number[]>(
      (all, byte, at) => [...all, appendDigit(all.at(-1), byte, at, 65_536)],
      [],
    );
    expect(lengths).toEqual([1, 12, 120, 1209]);
  });

  it.each([
    ['a zero that comes first', undefined, '0'],
    ['the byte below the digits', 2, '/'],
    ['the byte above the digits', 2, ':'],
    ['a letter', undefined, 'x'],
  ])('should refuse %s', (_name, length, character) => {
    const expected = { code: 'ERR_SCGI_NETSTRING_LENGTH', status: 400, offset: 7 };
    expect(factsThrownBy(() => append(length, character))).toEqual(expected);
  });

  it('should take a number of maxHeaderBytes, and refuse one more', () => {
    expect(append(102, '4', 1024)).toBe(1024);
    const expected = {
      code: 'ERR_SCGI_HEADERS_TOO_LARGE',
      status: 431,
      offset: 7,
      limit: 1024,
      actual: 1025,
    };
    expect(factsThrownBy(() => append(102, '5', 1024))).toEqual(expected);
  });
});

describe('badLength', () => {
  it('should recognize a foreign protocol by its first byte only', () => {
    const first = factsOf(badLength(undefined, 0x47, 0));
    expect(first).toEqual({
      code: 'ERR_SCGI_NETSTRING_LENGTH',
      status: 400,
      offset: 0,
      foreignProtocol: 'http',
    });
    expect(factsOf(badLength(2, 0x47, 1))).toEqual({
      code: 'ERR_SCGI_NETSTRING_LENGTH',
      status: 400,
      offset: 1,
    });
  });
});

describe('showByte', () => {
  it.each([
    [0x00, '00 hex'],
    [0x0a, '0a hex'],
    [0x20, '20 hex'],
    [0x21, "'!'"],
    [0x47, "'G'"],
    [0x7e, "'~'"],
    [0x7f, '7f hex'],
    [0xff, 'ff hex'],
  ])('should show %p as %s', (byte, expected) => {
    expect(showByte(byte)).toBe(expected);
  });
});
