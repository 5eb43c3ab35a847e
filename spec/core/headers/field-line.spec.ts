import { splitFieldLine } from '../../../lib/core/headers/field-line.js';

describe('splitFieldLine', () => {
  it.each<[string, readonly [string, string] | undefined]>([
    ['A: b', ['A', 'b']],
    ['A:b', ['A', 'b']],
    ['A: \t b c \t', ['A', 'b c']],
    ['A:', ['A', '']],
    ['A: \t ', ['A', '']],
    ['A: b: c', ['A', 'b: c']],
    ['X-A_1.~: \xe9', ['X-A_1.~', '\xe9']],
    ['A: \u00a0b\v', ['A', '\u00a0b\v']],
    ['', undefined],
    [':', undefined],
    [': b', undefined],
    ['A b', undefined],
    ['A : b', undefined],
    [' A: b', undefined],
    ['(A): b', undefined],
    ['\xe9: b', undefined],
  ])('should split %j into %j', (line, expected) => {
    expect(splitFieldLine(line)).toEqual(expected);
  });
});
