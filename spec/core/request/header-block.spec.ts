import { parseHeaderBlock } from '../../../lib/core/request/header-block.js';
import type { MetaVariables } from '../../../lib/core/meta-variables.js';
import { verifyReaderOptions, type ReaderOptions } from '../../../lib/core/options.js';
import { countAllocatedBytes } from '../../helpers/count-allocated-bytes.js';
import { factsThrownBy } from '../../helpers/error-facts.js';
import { placeOf } from '../../helpers/block-place.js';
import { headerBlock, wire } from '../../helpers/wire.js';

// What is refused, and in which order, header-block-faults.ts says; the specs of the reader replay it.
describe('parseHeaderBlock', () => {
  it('should give the pairs in wire order', () => {
    expect([...parse('B␀1␀A␀2␀C␀␀')]).toEqual([
      ['B', '1'],
      ['A', '2'],
      ['C', ''],
    ]);
  });

  it('should give a value that is empty, first and last', () => {
    expect([...parse('A␀␀')]).toEqual([['A', '']]);
  });

  it('should know where each value begins', () => {
    const variables = parse('B␀1␀LONGER␀22␀C␀␀');
    expect(['B', 'LONGER', 'C', 'D'].map((name) => variables.offsetOf(name))).toEqual([2, 11, 16, undefined]);
  });

  it('should keep names apart that another charset would take for one', () => {
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

    it('should join repeated headers by commas, in the order in which they came', () => {
      expect([...parse('HTTP_A␀1␀B␀2␀HTTP_A␀3␀HTTP_A␀2␀', LENIENT)]).toEqual([
        ['HTTP_A', '1, 3, 2'],
        ['B', '2'],
      ]);
    });

    it('should know where the first of repeated headers has its value', () => {
      expect(parse('HTTP_A␀1␀B␀2␀HTTP_A␀3␀', LENIENT).offsetOf('HTTP_A')).toBe(7);
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

    it.each(['SCGI', 'CONTENT_LENGTH', 'CONTENT_TYPE', 'REMOTE_ADDR', 'http_a', 'HTTPS', '__proto__'])(
      'should still refuse %s twice',
      (name) => {
        const facts = factsThrownBy(() => parse(`${name}␀1␀${name}␀1␀`, LENIENT));
        expect(facts).toEqual({ code: 'ERR_SCGI_HEADER_DUPLICATE', status: 400, offset: name.length + 3 });
      },
    );
  });
});

function parse(block: string, options: ReaderOptions = {}, offset = 0): MetaVariables {
  return parseHeaderBlock(placeOf(wire(block), offset), verifyReaderOptions(options));
}
