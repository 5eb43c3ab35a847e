import { parseHeaderBlock } from '../../../lib/core/request/header-block.js';
import type { MetaVariables } from '../../../lib/core/headers/meta-variables.js';
import { verifyReaderOptions, type ReaderOptions } from '../../../lib/core/options.js';
import { countAllocatedBytes } from '../../helpers/count-allocated-bytes.js';
import { factsThrownBy } from '../../helpers/faults/error-facts.js';
import { placeOf } from '../../helpers/wire/block-place.js';
import { headerBlock, show, wire } from '../../helpers/wire/wire.js';

// What is refused, and in which order, header-block-faults.ts says; the specs of the reader replay it.
describe('parseHeaderBlock', () => {
  it('should return the pairs in wire order', () => {
    expect([...parse('B␀1␀A␀2␀C␀␀')]).toEqual([
      ['B', '1'],
      ['A', '2'],
      ['C', ''],
    ]);
  });

  it('should return empty values, first and last', () => {
    expect([...parse('A␀␀')]).toEqual([['A', '']]);
  });

  it('should record where each value begins', () => {
    const variables = parse('B␀1␀LONGER␀22␀C␀␀');
    expect(['B', 'LONGER', 'C', 'D'].map((name) => variables.offsetOf(name))).toEqual([2, 11, 16, undefined]);
  });

  it('should distinguish names that are equal in another charset', () => {
    expect([...parse('\xe9␀1␀\xc9␀2␀e␀3␀')]).toHaveLength(3);
  });

  it('should count offsets from where the block begins in the connection', () => {
    expect(factsThrownBy(() => parse('A␀b', {}, 0)).offset).toBe(2);
    expect(factsThrownBy(() => parse('A␀b', {}, 100)).offset).toBe(102);
  });

  it('should not copy the block', () => {
    const block = wire('A␀1␀B␀2␀');
    const limits = verifyReaderOptions();
    const place = placeOf(block);
    expect(countAllocatedBytes(() => parseHeaderBlock(place, limits))).toBe(0);
  });

  it.each([
    [1, 'a block of one header'],
    [1000, 'a block of as many as are allowed'],
  ])('should read %i headers, %s', (count) => {
    const pairs = Array.from({ length: count }, (_, index) => [`NAME_${index}`, `value ${index}`] as const);
    expect([...parse(headerBlock(pairs))]).toEqual(pairs);
  });

  describe('with lenientDuplicates', () => {
    const LENIENT = { lenientDuplicates: true };

    it('should join repeated fields by commas, in the order in which they came', () => {
      expect([...parse('HTTP_A␀1␀B␀2␀HTTP_A␀3␀HTTP_A␀2␀', LENIENT)]).toEqual([
        ['HTTP_A', '1, 3, 2'],
        ['B', '2'],
      ]);
    });

    it('should join cookies by semicolons', () => {
      expect(parse('HTTP_COOKIE␀a=1␀HTTP_COOKIE␀b=2␀', LENIENT).get('HTTP_COOKIE')).toBe('a=1; b=2');
    });

    it('should keep empty values apart', () => {
      expect(parse('HTTP_A␀␀HTTP_A␀␀', LENIENT).get('HTTP_A')).toBe(', ');
    });

    it('should leave a block without duplicates as it is', () => {
      const block = 'HTTP_A␀1␀HTTP_B␀1␀';
      expect([...parse(block, LENIENT)]).toEqual([...parse(block)]);
    });

    it.each([
      ...['HTTP_ACCEPT', 'HTTP_ACCEPT_LANGUAGE', 'HTTP_CACHE_CONTROL', 'HTTP_VIA', 'HTTP_X_FORWARDED_FOR'],
      ...['HTTP_IF_NONE_MATCH', 'HTTP_X_A_B', 'HTTP_PROXY', 'HTTP_', 'HTTP_constructor'],
    ])('should join %s, which is a list or not known to be none', (name) => {
      expect(parse(`${name}␀1␀${name}␀2␀`, LENIENT).get(name)).toBe('1, 2');
    });

    it.each([
      ...['HTTP_HOST', 'HTTP_AUTHORIZATION', 'HTTP_CONTENT_TYPE', 'HTTP_USER_AGENT', 'HTTP_REFERER'],
      ...['HTTP_RANGE', 'HTTP_IF_MODIFIED_SINCE', 'HTTP_IF_UNMODIFIED_SINCE', 'HTTP_ORIGIN', 'HTTP_IF_RANGE'],
      ...['REMOTE_ADDR', 'SERVER_NAME', 'REQUEST_SCHEME', 'CONTENT_TYPE', 'http_a', 'HTTPS', '__proto__'],
    ])('should take the last %s, which can have one value', (name) => {
      const variables = parse(`${name}␀1␀B␀␀${name}␀22␀C␀␀`, LENIENT);
      expect([...variables]).toEqual([
        [name, '22'],
        ['B', ''],
        ['C', ''],
      ]);
      expect(show(variables.bytes(name)!)).toBe('22');
    });

    it.each(['SCGI', 'CONTENT_LENGTH', 'HTTP_CONTENT_LENGTH'])('should refuse two values of %s', (name) => {
      const facts = factsThrownBy(() => parse(`${name}␀1␀${name}␀01␀`, LENIENT));
      expect(facts).toEqual({ code: 'ERR_SCGI_HEADER_DUPLICATE', status: 400, offset: name.length + 3 });
      expect([...parse(`${name}␀1␀${name}␀1␀`, LENIENT)]).toEqual([[name, '1']]);
    });
  });

  it('should keep a message short, however long the name that it quotes', () => {
    const name = 'N'.repeat(30_000);
    const message = messageOf(() => parse(`${name}␀1␀${name}␀1␀`));
    expect(message.length).toBeLessThan(400);
  });
});

function parse(block: string, options: ReaderOptions = {}, offset = 0): MetaVariables {
  return parseHeaderBlock(placeOf(wire(block), offset), verifyReaderOptions(options));
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}
