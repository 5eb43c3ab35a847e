import * as fc from 'fast-check';
import { isScgiError } from '../../lib/core/errors.js';
import { parseHeaderBlock } from '../../lib/core/header-block.js';
import { HeaderLayout, emptyLayout } from '../../lib/core/header-layout.js';
import { verifyReaderOptions } from '../../lib/core/options.js';
import { placeOf } from '../helpers/block-place.js';
import { FUZZ_RUNS } from '../helpers/fuzz-runs.js';
import { headerBlock, wire } from '../helpers/wire.js';

const LIMITS = verifyReaderOptions();

describe('HeaderLayout', () => {
  it('should be the same for the same names in the same order, and know their places', () => {
    const empty = new HeaderLayout();
    const first = follow(empty, ['A', 'B', '__proto__']);
    expect(follow(empty, ['A', 'B', '__proto__'])).toBe(first);
    expect([...(first?.places ?? [])]).toEqual([
      ['A', 0],
      ['B', 1],
      ['__proto__', 2],
    ]);
    expect(first?.places).toBe(first?.places);
  });

  it('should be another for other names, another order, and a part', () => {
    const empty = new HeaderLayout();
    const orders = [['A', 'B'], ['B', 'A'], ['A', 'C'], ['A'], ['AB'], ['A', 'B', 'C'], ['a', 'B'], []];
    const layouts = orders.map((names) => follow(empty, names));
    expect(new Set(layouts).size).toBe(orders.length);
    expect(orders.map((names) => follow(empty, names))).toEqual(layouts);
    expect(layouts.map((layout) => [...(layout?.places.keys() ?? [])])).toEqual(orders);
  });

  it.each([
    ['an empty name', ['A', '']],
    ['a name that came before', ['A', 'B', 'A']],
    ['a name of more than 99 bytes', ['A'.repeat(100)]],
    ['more than 1 000 names', Array.from({ length: 1001 }, (_, index) => `N${index}`)],
  ])('should not be for %s', (_name, names) => {
    expect(follow(new HeaderLayout(), names.slice(0, -1))?.size).toBe(names.length - 1);
    expect(follow(new HeaderLayout(), names)).toBeUndefined();
  });

  it('should know the longest name', () => {
    expect(follow(new HeaderLayout(), ['A'.repeat(99)])?.size).toBe(1);
  });
});

describe('what is remembered of header blocks', () => {
  it('should be bounded, and forgotten as a whole', () => {
    parse([['A', '1']]);
    const before = emptyLayout();
    parse([['A', '2']]);
    expect(emptyLayout()).toBe(before);
    // One of 16 is remembered, and that twice: in its order, and with its place.
    let count = 0;
    while (emptyLayout() === before) parseHeaderBlock(placeOf(wire(`N${count++}␀␀`)), LIMITS);
    expect(count).toBeLessThanOrEqual(16 * 4097);
    const after = emptyLayout();
    count = 0;
    while (emptyLayout() === after) parseHeaderBlock(placeOf(wire(`N${count++}␀␀`)), LIMITS);
    expect(count).toBe(16 * 4097);
  });

  it('should never change what a block comes to', () => {
    const name = fc.constantFrom('A', 'B', 'AB', 'C', '\xff', '');
    const pair = fc.tuple(name, fc.constantFrom('', '1', 'A', '\xe9'));
    const pairs = fc.array(pair, { maxLength: 4, minLength: 1 });
    const block = fc.oneof(
      pairs.map((all) => headerBlock(all)),
      fc.stringMatching(/^[AB␀]{1,8}$/),
    );
    const limits = verifyReaderOptions({ maxHeaders: 3 });
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 6 }), (blocks) => {
        for (const text of blocks) {
          // What follows in the chunk must not be taken for part of it.
          const bytes = wire(`${text},A␀B␀`);
          const place = { bytes, start: 0, end: bytes.length - 5, offset: 0 };
          expect(outcome(() => [...parseHeaderBlock(place, limits)])).toEqual(expected(text, 3));
        }
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});

/** The layout of these names. */
function follow(empty: HeaderLayout, names: readonly string[]): HeaderLayout | undefined {
  const bytes = wire(names.map((name) => `${name}␀`).join(''));
  let layout: HeaderLayout | undefined = empty;
  let start = 0;
  for (const name of names) {
    layout = layout?.with(bytes, start) ?? layout?.learn(bytes, start);
    start += name.length + 1;
  }
  return layout;
}

function parse(pairs: readonly (readonly [string, string])[]): void {
  const variables = parseHeaderBlock(placeOf(wire(headerBlock(pairs))), LIMITS);
  expect([...variables]).toEqual(pairs);
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
