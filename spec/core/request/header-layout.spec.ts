import * as fc from 'fast-check';
import { isScgiError } from '../../../lib/core/errors.js';
import { parseHeaderBlock } from '../../../lib/core/request/header-block.js';
import { HeaderLayout, emptyLayout, learnLayout } from '../../../lib/core/request/header-layout.js';
import type { MetaVariables } from '../../../lib/core/meta-variables.js';
import { verifyReaderOptions, type ReaderOptions } from '../../../lib/core/options.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { factsThrownBy } from '../../helpers/error-facts.js';
import { headerBlock, show, wire } from '../../helpers/wire.js';

/** Of so many blocks of new kinds, one is learnt. */
const BLOCKS_A_LESSON = 64;

describe('HeaderLayout', () => {
  it('should be the same for the same names in the same order', () => {
    const empty = new HeaderLayout();
    const learnt = learn(empty, ['A', 'B', '__proto__']);
    expect(follow(empty, ['A', 'B', '__proto__'])).toBe(learnt);
    expect(learn(empty, ['A', 'B', '__proto__'])).toBe(learnt);
  });

  it('should be another for other names, another order, and a part', () => {
    const empty = new HeaderLayout();
    const orders = [['A', 'B'], ['B', 'A'], ['A', 'C'], ['A'], ['AB'], ['A', 'B', 'C'], ['a', 'B'], [], ['']];
    const layouts = orders.map((names) => learn(empty, names));
    expect(new Set(layouts).size).toBe(orders.length);
    expect(orders.map((names) => follow(empty, names) === layouts.shift())).toEqual(orders.map(() => true));
  });

  it('should be none for names that have not been learnt', () => {
    const empty = new HeaderLayout();
    learn(empty, ['A', 'B']);
    for (const names of [['B'], ['A', 'C'], ['AB'], ['A', 'B', 'C'], ['A', '']])
      expect(follow(empty, names)).toBeUndefined();
  });
});

describe('what is remembered of header blocks', () => {
  it('should be one of 64 of new kinds, and the places of its names', () => {
    const kinds = Array.from({ length: BLOCKS_A_LESSON }, (_, index) => `KIND_${index}`);
    for (const name of kinds) parse(`SCGI␀1␀${name}␀␀`);
    const layouts = kinds.map((name) => follow(emptyLayout(), ['SCGI', name]));
    const learnt = layouts.findIndex((layout) => layout !== undefined);
    expect(layouts.filter((layout) => layout !== undefined)).toHaveLength(1);
    expect([...(layouts[learnt]?.order ?? [])]).toEqual([
      ['SCGI', 0],
      [kinds[learnt], 1],
    ]);
  });

  it('should be nothing of a block that is wrong, or in which a name comes twice', () => {
    for (let count = 0; count < 2 * BLOCKS_A_LESSON; count++) {
      factsThrownBy(() => parse('WRONG␀1␀WRONG␀'));
      factsThrownBy(() => parse('WRONG␀1␀WRONG␀2␀'));
      parse('HTTP_WRONG␀1␀HTTP_WRONG␀2␀', { lenientDuplicates: true });
    }
    expect(follow(emptyLayout(), ['WRONG'])).toBeUndefined();
    expect(follow(emptyLayout(), ['HTTP_WRONG'])).toBeUndefined();
  });

  it('should be bounded, and forgotten as a whole', () => {
    const before = emptyLayout();
    while (emptyLayout() === before) learnNew(1);
    const after = emptyLayout();
    let count = 1;
    for (; emptyLayout() === after; count++) learnNew(1);
    // Each is taken for some 410 bytes of 4 MiB.
    expect(count).toBeGreaterThan(10_000);
    expect(count).toBeLessThan(10_486);
  });

  it('should be nothing of a block with very many names, whose lesson is the next block’s', () => {
    const many = learnNew(700);
    expect(follow(emptyLayout(), many)).toBeUndefined();
    const few = [`NEXT_${serial++}`];
    learnLayout(new Map(few.map((name) => [name, 0])));
    expect(follow(emptyLayout(), few)).toBeDefined();
    expect(follow(emptyLayout(), learnNew(500))).toBeDefined();
  });

  it('should not change what is refused', () => {
    for (let count = 0; count <= BLOCKS_A_LESSON; count++) parse('A␀1␀B␀2␀');
    expect(factsThrownBy(() => parse('A␀1␀B␀2␀', { maxHeaders: 1 }))).toMatchObject({
      code: 'ERR_SCGI_TOO_MANY_HEADERS',
    });
    expect(factsThrownBy(() => parse('A␀1␀B␀'))).toMatchObject({ code: 'ERR_SCGI_HEADERS_ODD' });
  });

  it.each([1, 2 * BLOCKS_A_LESSON])(
    'should leave values where they are in their chunk, the %ith time',
    (times) => {
      for (let count = 1; count < times; count++) parse('PLACE␀0␀OTHER␀␀');
      const variables = parse('PLACE␀\xe9\xff␀OTHER␀␀');
      expect(show(variables.bytes('PLACE') as Uint8Array)).toBe('\xe9\xff');
      expect(['PLACE', 'OTHER', 'NONE'].map((name) => variables.offsetOf(name))).toEqual([6, 15, undefined]);
      expect([variables.size, variables.has('OTHER'), variables.has('NONE')]).toEqual([2, true, false]);
    },
  );

  it('should never change what a block comes to', () => {
    const name = fc.constantFrom('A', 'B', 'AB', 'C', '\xff', '');
    const pair = fc.tuple(name, fc.constantFrom('', '1', 'A', '\xe9'));
    const block = fc.oneof(
      fc.array(pair, { maxLength: 4, minLength: 1 }).map((all) => headerBlock(all)),
      fc.stringMatching(/^[AB␀]{1,8}$/),
    );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 6 }), (blocks) => {
        for (const text of blocks)
          expect(outcome(() => [...parse(text, { maxHeaders: 3 })])).toEqual(expected(text, 3));
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});

let serial = 0;

/** Lets a block of new names be learnt, unless it is not to be. */
function learnNew(size: number): string[] {
  const names = Array.from({ length: size }, () => `NEW_${serial++}`);
  for (let count = 0; count < BLOCKS_A_LESSON; count++) learnLayout(new Map(names.map((name) => [name, 0])));
  return names;
}

function learn(empty: HeaderLayout, names: readonly string[]): HeaderLayout {
  return names.reduce((layout, name) => layout.learn(`${name}\0`), empty);
}

function follow(empty: HeaderLayout, names: readonly string[]): HeaderLayout | undefined {
  const bytes = wire(names.map((name) => `${name}␀`).join(''));
  let layout: HeaderLayout | undefined = empty;
  let start = 0;
  for (const name of names) {
    layout = layout?.with(bytes, start);
    start += name.length + 1;
  }
  return layout;
}

/** Parses a block inside a chunk, with what must not be taken for a part of it before and behind. */
function parse(block: string, options: ReaderOptions = {}): MetaVariables {
  const bytes = wire(`A␀:${block},A␀B␀`);
  const place = { bytes, start: 3, end: bytes.length - 5, offset: 0 };
  return parseHeaderBlock(place, verifyReaderOptions(options));
}

function outcome(read: () => [string, string][]): [string, string][] | string {
  try {
    return read();
  } catch (error) {
    if (isScgiError(error)) return error.code;
    throw error;
  }
}

/** A parser that remembers nothing. */
function expected(block: string, maxHeaders: number): [string, string][] | string {
  const parts = block.split('␀');
  if (parts.pop() !== '') return 'ERR_SCGI_HEADERS_UNTERMINATED';
  if (parts.length % 2 === 1) return 'ERR_SCGI_HEADERS_ODD';
  const pairs = parts.flatMap((part, index): [string, string][] =>
    index % 2 === 0 ? [[part, parts[index + 1] ?? '']] : [],
  );
  if (pairs.length > maxHeaders) return 'ERR_SCGI_TOO_MANY_HEADERS';
  const seen = new Set<string>();
  for (const [name] of pairs) {
    if (name === '') return 'ERR_SCGI_HEADER_NAME_EMPTY';
    if (seen.has(name)) return 'ERR_SCGI_HEADER_DUPLICATE';
    seen.add(name);
  }
  return pairs;
}
