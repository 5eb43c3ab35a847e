import { throttled } from '../../lib/node/throttled.js';
import { marbles } from '../helpers/marbles.js';

describe('throttled', () => {
  it('should say a thing at once, and then once in a while', () => {
    const said: string[] = [];
    marbles((_, scheduler) => {
      const say = throttled(100, (what: string) => said.push(`${what} ${scheduler.now()}`));
      for (const at of [0, 1, 99, 100, 150, 199, 200, 500]) scheduler.schedule(() => say(`x`), at);
    });
    expect(said).toEqual(['x 0', 'x 100', 'x 200', 'x 500']);
  });
});
