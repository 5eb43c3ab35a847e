import fc from 'fast-check';
import { HeaderTable, hashOf } from '../../../lib/core/headers/header-table.js';

/** Fills a table with the names of a block, of which each value is its name in lower case. */
function tableOf(names: readonly string[], hash = hashOf) {
  const table = new HeaderTable(names.map((name) => `${name}\0${name.toLowerCase()}\0`).join(''));
  let start = 0;
  const found = names.map((name) => {
    const earlier = table.add(hash(name), start, start + name.length);
    start += 2 * name.length + 2;
    return earlier;
  });
  return { table, found };
}

const NAMES = fc.array(fc.stringMatching(/^[A-C_]{1,5}$/), { maxLength: 300 });

describe('HeaderTable', () => {
  it('should find what a Map finds, however many names there are', () => {
    fc.assert(
      fc.property(NAMES, (names) => {
        const { table, found } = tableOf(names);
        const map = new Map<string, number>();
        let start = 0;
        const expected = names.map((name) => {
          const earlier = map.get(name) ?? 0;
          if (earlier === 0) map.set(name, start + name.length + 1);
          start += 2 * name.length + 2;
          return earlier;
        });
        expect(found).toEqual(expected);
        expect([...map.keys()].map((name) => table.find(name))).toEqual([...map.values()]);
        expect([...table].map((header) => [table.nameOf(header), header])).toEqual([...map]);
        expect([table.size, table.find('D'), table.find('')]).toEqual([map.size, 0, 0]);
      }),
    );
  });

  it('should tell names apart that have the same hash', () => {
    const names = Array.from({ length: 40 }, (_, i) => `N${i}`);
    const { table, found } = tableOf([...names, 'N7'], () => 7);
    expect(found.slice(0, 40)).toEqual(names.map(() => 0));
    expect([table.size, table.nameOf(found[40] as number)]).toEqual([40, 'N7']);
  });

  it('should find a header that comes after many millions of bytes', () => {
    const name = 'HTTP_COOKIE';
    const value = 'x'.repeat(2 ** 24);
    const table = new HeaderTable(`${name}\0${value}\0SCGI\x001\0`);
    table.add(hashOf(name), 0, name.length);
    const start = name.length + value.length + 2;
    table.add(hashOf('SCGI'), start, start + 4);
    expect(table.valueOf(table.find('SCGI'))).toBe('1');
  });

  it('should keep a value that counts instead of the one in the text', () => {
    const { table } = tableOf(['A', 'B']);
    const [a, b] = [table.find('A'), table.find('B')];
    table.replace(a, 'other');
    expect([a, b].map((header) => [table.valueOf(header), table.replacementOf(header)])).toEqual([
      ['other', 'other'],
      ['b', undefined],
    ]);
  });

  it('should hash names otherwise in each process, so that nobody can choose names that collide', () => {
    const hashes = new Set<number>();
    for (let i = 0; i < 10; i++) {
      jest.isolateModules(() => {
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        const other = require('../../../lib/core/headers/header-table.js') as { hashOf: typeof hashOf };
        hashes.add(other.hashOf('HTTP_HOST'));
      });
    }
    expect(hashes.size).toBeGreaterThan(5);
  });

  it('should tell words apart that have the same polynomial hash whatever the multiplier is', () => {
    // Thue-Morse words: each block has as many ones at each place of a factor as zeros.
    let block = 'A';
    while (block.length < 8192) block += block.replace(/[AB]/g, (each) => (each === 'A' ? 'B' : 'A'));
    const other = block.replace(/[AB]/g, (each) => (each === 'A' ? 'B' : 'A'));
    const names = Array.from({ length: 64 }, (_, n) =>
      Array.from({ length: 6 }, (__, bit) => ((n >> bit) & 1 ? block : other)).join(''),
    );
    expect(new Set(names.map(hashOf)).size).toBe(64);
  });
});
