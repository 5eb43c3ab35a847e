import { didYouMean, nearest, unknownKeyOf } from '../../../lib/core/text/nearest.js';

const WORDS = ['listen', 'log', 'linger-ms', 'linger-bytes', 'help', 'strict'];

describe('nearest', () => {
  it.each([
    ['lisen', 'listen'], // a letter left out
    ['listten', 'listen'], // one too many
    ['lusten', 'listen'], // another one
    ['lsiten', 'listen'], // two swapped
    ['linger-mx', 'linger-ms'],
    ['listen-address', 'listen'], // begins with one
    ['lgo', 'log'],
    ['listen', 'listen'],
  ])('should take %s for %s', (word, meant) => {
    expect(nearest(word, WORDS)).toBe(meant);
  });

  it.each([['threads'], ['logarithms'], ['x'], [''], ['linger'], ['abc']])(
    'should not guess what %p means',
    (word) => {
      expect(nearest(word, WORDS)).toBeUndefined();
    },
  );
});

describe('didYouMean', () => {
  it('should name the nearest word, or nothing', () => {
    expect(didYouMean('lisen', new Set(WORDS))).toBe("; did you mean 'listen'?");
    expect(didYouMean('threads', WORDS)).toBe('');
  });
});

describe('unknownKeyOf', () => {
  const known = new Set(['status', 'body']);

  it.each<[string, object, string | undefined]>([
    ['no key', {}, undefined],
    ['known keys', { status: 200, body: '' }, undefined],
    ['an unknown key', { body: '', statusCode: 404, header: {} }, 'statusCode'],
    ['an unknown key without a value', { header: undefined }, 'header'],
    ['an unknown key that is inherited', Object.create({ header: {} }) as object, 'header'],
    ['a Symbol', { [Symbol('trace')]: 1 }, undefined],
    ['a name of Object.prototype', JSON.parse('{"constructor":1}') as object, 'constructor'],
  ])('should look at %s', (_, value, expected) => {
    expect(unknownKeyOf(value, known)).toBe(expected);
  });
});
