/** How the benchmarks alternate: what is compared must have been measured next to each other, in either order. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const MODULE = join(__dirname, '../../bench/helpers/rounds.mjs');

function evaluate(program: string): unknown {
  const source = `import { pairedGenerations, pairedRounds } from ${JSON.stringify(MODULE)};
    const order = [];
    const side = (name) => () => (order.push(name), { count: order.length });
    ${program}`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', source]);
  return JSON.parse(output.toString());
}

describe('the rounds of the benchmarks', () => {
  it('should measure each side once a round, and reverse the order each time', () => {
    const measured = evaluate(`
      const samples = await pairedRounds({ a: side('a'), b: side('b'), c: side('c') }, 4, 1);
      console.log(JSON.stringify({ order: order.join(''), samples }));`);
    expect(measured).toEqual({
      // The first round is the warm-up, which does not count.
      order: 'cbaabccbaabccba',
      samples: { count: { a: [4, 9, 10, 15], b: [5, 8, 11, 14], c: [6, 7, 12, 13] } },
    });
  });

  it('should put the samples of generations one behind the other', () => {
    const measured = evaluate(`
      const samples = await pairedGenerations(2, () => pairedRounds({ a: side('a'), b: side('b') }, 2, 0));
      console.log(JSON.stringify(samples));`);
    expect(measured).toEqual({ count: { a: [1, 4, 5, 8], b: [2, 3, 6, 7] } });
  });
});
