import { nearest } from '../../lib/cli/nearest.js';

const WORDS = ['listen', 'log', 'linger-ms', 'linger-bytes', 'help', 'strict'];

describe('nearest', () => {
  it.each([
    ['lisen', 'listen'], // a letter left out
    ['listten', 'listen'], // one too many
    ['lusten', 'listen'], // another one
    ['lsiten', 'listen'], // two swapped
    ['linger-mx', 'linger-ms'],
    ['lgo', 'log'],
    ['listen', 'listen'],
  ])('should take %s for %s', (word, meant) => {
    expect(nearest(word, WORDS)).toBe(meant);
  });

  it.each([['threads'], ['x'], [''], ['linger'], ['abc']])('should not guess what %p means', (word) => {
    expect(nearest(word, WORDS)).toBeUndefined();
  });
});
