import fc from 'fast-check';
import { escapeMessage, shorten } from '../../../lib/core/text/printable-text.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { LINEAR, growthOf } from '../../helpers/growth.js';

describe('escapeMessage', () => {
  it.each([
    ['joins lines', 'größer: "日本"\n  at x\r\nnext\n\n', 'größer: "日本" at x next'],
    ['escapes controls', 'a\u001b[2J\u009b\t', 'a\\x1b[2J\\x9b'],
    ['escapes what turns the direction of writing', 'a\u202eb', 'a\\u202eb'],
    ['escapes format characters', '\u00ad\ufeff', '\\xad'],
    ['leaves words, symbols and pictures', 'größer 日本 𠮷 € 😀', 'größer 日本 𠮷 € 😀'],
    ['escapes both halves of a tag', 'a\u{e0041}', 'a\\udb40\\udc41'],
    ['escapes half of a pair', 'a\ud83d', 'a\\ud83d'],
  ])('%s', (_what, text, escaped) => {
    expect(escapeMessage(text)).toBe(escaped);
  });

  it('should give one line without controls for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeMessage(text)).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]*$/u);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});

describe('the cost of escapeMessage', () => {
  it.each([
    ['blanks', ' '],
    ['blanks and letters', ' x'],
    ['line ends', '\n'],
    ['blank lines', ' \n '],
    ['controls', '\u001b'],
  ])('should be linear in a run of %s', (_what, unit) => {
    const growth = growthOf(20_000, (size) => `x${unit.repeat(size)}x`, escapeMessage);
    expect(growth).toBeLessThan(LINEAR);
  });
});

describe('shorten', () => {
  it('should keep a text of n characters, and shorten one of n + 1', () => {
    expect(shorten('abcde', 5)).toBe('abcde');
    expect(shorten('abcdef', 5)).toBe('abcde… (6 characters)');
  });
});
