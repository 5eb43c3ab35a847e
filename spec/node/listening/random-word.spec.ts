import { randomWord } from '../../../lib/node/listening/random-word.js';

describe('randomWord', () => {
  afterEach(() => jest.restoreAllMocks());

  it('should have eight characters that any file system takes, and differ each time', () => {
    const words = Array.from({ length: 1000 }, randomWord);
    expect(words.filter((word) => !/^[0-9a-z]{8}$/.test(word))).toEqual([]);
    expect(new Set(words).size).toBe(1000);
  });

  it.each([
    ['the smallest', 0, '00000000'],
    ['the largest', 1 - 2 ** -53, 'e13wu1of'],
  ])('should have eight characters of %s number', (_name, number, expected) => {
    jest.spyOn(Math, 'random').mockReturnValue(number);
    expect(randomWord()).toBe(expected);
  });
});
