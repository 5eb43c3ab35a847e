/** Decoding in memory: `rxscgi/core` and the operators against a parser written by hand. */
import { microRounds } from './micro.mjs';
import { GENERATIONS } from '../helpers/scope.mjs';
import { SIZES } from '../load/requests.mjs';

export const title = 'decoding a request in memory, against a parser written by hand';

const BARE = 'bare parser';
const CUTS = [
  { how: 'whole', cut: 'one chunk', sizes: SIZES },
  // Smaller requests fit into one chunk, which is the case above.
  { how: '1400', cut: '1 400-byte chunks', sizes: ['64 kB', '1 MiB'] },
  { how: '1', cut: 'byte by byte', sizes: SIZES },
];

export async function run(scope) {
  for (const { how, cut, sizes } of CUTS) {
    const byteByByte = how === '1';
    const sides = byteByByte ? [BARE, 'byte parser', 'core', 'operators'] : [BARE, 'core', 'operators'];
    for (const size of sizes) {
      const what = `${size}, ${cut}`;
      if (!scope.begins(what)) continue;
      const { cpu } = await microRounds(scope, 'decode', sides, { size, how }, sameVariables);
      const comparisons = [
        ['core', '÷', BARE, { atMost: byteByByte ? 1.3 : 1.1 }],
        ['operators', '÷', BARE, { atMost: byteByByte ? 1.3 : 1.5 }],
        ['core', '÷', 'byte parser'],
        ['operators', '÷', 'byte parser'],
      ];
      scope.report.add({ benchmark: scope.name, what, metric: 'µs CPU' }, cpu, comparisons, GENERATIONS);
    }
  }
}

export function sameVariables(some, others) {
  return JSON.stringify(some) === JSON.stringify(others);
}
