import { parseHeaderBlock } from '../../../lib/core/request/header-block.js';
import { hashed } from '../../../lib/core/headers/header-table.js';
import { MetaVariables } from '../../../lib/core/headers/meta-variables.js';
import { verifyReaderOptions } from '../../../lib/core/options.js';
import { inspect } from 'node:util';
import { placeOf } from '../../helpers/wire/block-place.js';
import { wire } from '../../helpers/wire/wire.js';

const BLOCK = 'SCRIPT_NAME␀␀HTTP_A␀1␀__proto__␀polluted␀constructor␀␀HTTP_A␀\xe92␀HTTP_Z␀\x80\xff␀';

describe.each([
  [
    'read from a block',
    () => parseHeaderBlock(placeOf(wire(BLOCK)), verifyReaderOptions({ lenientDuplicates: true })),
  ],
  [
    'read from a block within a chunk',
    () => {
      const bytes = wire(`9:${BLOCK},body`);
      const place = { bytes, start: 2, end: bytes.length - ',body'.length, offset: 2 };
      return parseHeaderBlock(place, verifyReaderOptions({ lenientDuplicates: true }));
    },
  ],
  ['made from pairs', () => MetaVariables.from(PAIRS)],
])('MetaVariables, %s', (_name, make) => {
  it('should iterate over names and values in wire order, with a repeated header at its first place', () => {
    expect([...make()]).toEqual(PAIRS);
  });

  it('should iterate several times', () => {
    const variables = make();
    expect([...variables]).toEqual([...variables]);
  });

  it('should count distinct names', () => {
    expect(make().size).toBe(5);
  });

  it('should distinguish an empty value from a missing one', () => {
    const variables = make();
    expect([variables.has('SCRIPT_NAME'), variables.get('SCRIPT_NAME')]).toEqual([true, '']);
    expect(variables.bytes('SCRIPT_NAME')).toEqual(new Uint8Array(0));
    expect([variables.has('PATH_INFO'), variables.get('PATH_INFO'), variables.bytes('PATH_INFO')]).toEqual([
      false,
      undefined,
      undefined,
    ]);
  });

  it('should find by its hash what it finds by name', () => {
    const variables = make();
    const names = [...PAIRS.map(([name]) => name), 'PATH_INFO', ''];
    expect(names.map((name) => variables.getHashed(hashed(name)))).toEqual(
      names.map((name) => variables.get(name)),
    );
    expect(variables.getHashed(hashed('HTTP_Z'))).toBe('\x80\xff');
  });

  it('should treat names of inherited properties as names like others', () => {
    const variables = make();
    expect(['__proto__', 'constructor'].map((name) => variables.get(name))).toEqual(['polluted', '']);
    expect(['toString', 'hasOwnProperty', 'valueOf'].map((name) => variables.has(name))).toEqual([
      false,
      false,
      false,
    ]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('should be case-sensitive', () => {
    expect(make().get('http_a')).toBeUndefined();
  });

  it('should decode values as ISO-8859-1, including 80 to 9f', () => {
    expect(make().get('HTTP_Z')).toBe('\x80\xff');
  });

  it('should print itself as its pairs', () => {
    expect(inspect(make(), { breakLength: Infinity })).toBe(
      `MetaVariables Map(5) { 'SCRIPT_NAME' => '', 'HTTP_A' => '1, \xe92', '__proto__' => 'polluted', ` +
        `'constructor' => '', 'HTTP_Z' => '\\x80\xff' }`,
    );
    expect(inspect({ deep: [make()] }, { depth: 1 })).toContain('MetaVariables');
  });

  it('should serialize to JSON as its pairs', () => {
    expect(JSON.parse(JSON.stringify(make()))).toEqual(PAIRS);
  });

  it('should print its pairs even where inspect is not passed', () => {
    const print = (make() as unknown as Record<symbol, () => unknown>)[
      Symbol.for('nodejs.util.inspect.custom')
    ];
    expect(print?.call(make())).toEqual(new Map(PAIRS));
  });

  it('should return the bytes of a value, also of a joined one', () => {
    const variables = make();
    expect(variables.bytes('HTTP_Z')).toEqual(wire('\x80\xff'));
    expect(variables.bytes('HTTP_A')).toEqual(wire('1, \xe92'));
  });
});

const PAIRS = [
  ['SCRIPT_NAME', ''],
  ['HTTP_A', '1, \xe92'],
  ['__proto__', 'polluted'],
  ['constructor', ''],
  ['HTTP_Z', '\x80\xff'],
] as [string, string][];

describe('MetaVariables', () => {
  it('should return bytes as a view of the block', () => {
    const block = wire('A␀12␀B␀3␀');
    const bytes = parseHeaderBlock(placeOf(block), verifyReaderOptions()).bytes('A');
    expect(bytes?.buffer).toBe(block.buffer);
    expect([bytes?.byteOffset, bytes?.length]).toEqual([2, 2]);
  });

  it('should return bytes as a view of the chunk that contains the block', () => {
    const chunk = wire('8:A␀12␀B␀3␀,');
    const place = { bytes: chunk, start: 2, end: chunk.length - 1, offset: 2 };
    const bytes = parseHeaderBlock(place, verifyReaderOptions()).bytes('B');
    expect(bytes?.buffer).toBe(chunk.buffer);
    expect([bytes?.byteOffset, bytes?.length]).toEqual([2 + 7, 1]);
  });

  it('should say where a value begins', () => {
    const variables = MetaVariables.from([
      ['AB', 'x'],
      ['C', ''],
    ]);
    expect([variables.offsetOf('AB'), variables.offsetOf('C'), variables.offsetOf('D')]).toEqual([
      3,
      7,
      undefined,
    ]);
  });

  describe('from', () => {
    it('should be empty when made from nothing', () => {
      const variables = MetaVariables.from([]);
      expect([variables.size, [...variables]]).toEqual([0, []]);
    });

    it('should take any iterable, and the last value of a repeated name', () => {
      const pairs = new Map([['A', '1']]);
      expect([...MetaVariables.from([...pairs, ['A', '2']])]).toEqual([['A', '2']]);
      expect([...MetaVariables.from(pairs)]).toEqual([['A', '1']]);
    });

    it.each([
      ['a NUL in a name', 'A\0B', 'x'],
      ['a NUL in a value', 'A', '\0'],
      ['a character above ff in a name', '\u0100', 'x'],
      ['a character above ff in a value', 'A', '\u20ac'],
    ])('should refuse %s', (_name, name, value) => {
      expect(() => MetaVariables.from([[name, value]])).toThrow(TypeError);
    });
  });
});
