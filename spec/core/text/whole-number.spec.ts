import * as fc from 'fast-check';
import { wholeNumber } from '../../../lib/core/text/whole-number.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';

describe('wholeNumber', () => {
  it.each([
    ['0', 0],
    ['007', 7],
    ['1234567890', 1_234_567_890],
    ['9007199254740991', 9_007_199_254_740_991],
    ['0'.repeat(400) + '1', 1],
  ])('should read %p', (text, number) => {
    expect(wholeNumber(text)).toBe(number);
  });

  it.each(['', ' ', '1 ', ' 1', '+1', '-1', '1.0', '1e3', '0x10', '1_0', '1a', '/', ':', '١'])(
    'should refuse %p',
    (text) => {
      expect(wholeNumber(text)).toBeUndefined();
    },
  );

  it.each(['9007199254740992', '9007199254740993', '18014398509481984', '9'.repeat(400)])(
    'should refuse %p, which is above 2^53-1',
    (text) => {
      expect(wholeNumber(text)).toBeUndefined();
    },
  );

  it('should read what Number reads of digits', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 18 });
    fc.assert(
      fc.property(digits, (each) => {
        const number = Number(each.join(''));
        expect(wholeNumber(each.join(''))).toBe(Number.isSafeInteger(number) ? number : undefined);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});
