import { quoted } from '../../../lib/core/text/quoted.js';

const trap = new Proxy(
  {},
  {
    get: () => {
      throw new Error('looked at');
    },
  },
);
const revoked = Proxy.revocable({}, {});
revoked.revoke();

describe('quoted', () => {
  it.each<[unknown, string]>([
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}..."`],
    [-0.5, '-0.5'],
    [NaN, 'NaN'],
    [true, 'true'],
    [undefined, 'undefined'],
    [null, 'null'],
    [10n ** 1000n, 'a bigint'],
    [Symbol('s'), 'a symbol'],
    [() => 1, 'a function'],
    [Object.create(null), 'an object'],
  ])('should show %p', (value, expected) => {
    expect(quoted(value)).toBe(expected);
  });

  it('should not look into objects', () => {
    expect([trap, revoked.proxy].map(quoted)).toEqual(['an object', 'an object']);
  });
});
