import { BlockCollector } from '../../../lib/core/request/block-collector.js';
import { countAllocatedBytes } from '../../helpers/count-allocated-bytes.js';
import { byteByByte, cut, everyTwoPartCut } from '../../helpers/wire/cuts.js';

describe('BlockCollector', () => {
  it.each([
    ['one byte', 1],
    ['one less than the first step', 511],
    ['the first step', 512],
    ['one more than the first step', 513],
    ['several steps', 5000],
  ])('should collect a block of %s, in one buffer of its size, byte by byte', (_name, size) => {
    const block = blockOf(size);
    expect(collect(size, cut(block, byteByByte(size))).finish()).toEqual(block);
  });

  it('should collect a block that is cut in two anywhere', () => {
    const block = blockOf(1030);
    const wrong = everyTwoPartCut(block.length).filter(
      (sizes) => Buffer.compare(collect(block.length, cut(block, sizes)).finish(), block) !== 0,
    );
    expect(wrong).toEqual([]);
  });

  it('should take what belongs to the block, and return how much that was', () => {
    const collector = new BlockCollector(6);
    const chunk = blockOf(10);
    expect([collector.take(chunk, 8), collector.take(chunk, 10), collector.take(chunk, 5)]).toEqual([
      2, 0, 4,
    ]);
    expect(Array.from(collector.finish())).toEqual([8, 9, 5, 6, 7, 8]);
  });

  it('should report how much it holds, and how much is missing', () => {
    const collector = new BlockCollector(3);
    const history = [0, 1, 2].map((start) => {
      const before = [collector.length, collector.missing];
      collector.take(blockOf(3).subarray(0, start + 1), start);
      return before;
    });
    expect(history).toEqual([
      [0, 3],
      [1, 2],
      [2, 1],
    ]);
    expect([collector.length, collector.missing]).toEqual([3, 0]);
  });

  it('should not keep a reference to a chunk', () => {
    const chunk = blockOf(3);
    const collector = collect(6, [chunk]);
    chunk.fill(0xff);
    collector.take(blockOf(3), 0);
    expect(Array.from(collector.finish())).toEqual([0, 1, 2, 0, 1, 2]);
  });

  describe('memory', () => {
    it('should hold less than 1 kB when 10 of 60 000 bytes have arrived', () => {
      const begun = blockOf(10);
      expect(countAllocatedBytes(() => collect(60_000, [begun]))).toBeLessThan(1024);
    });

    it('should hold at most twice what has arrived, beyond the first step', () => {
      const collector = new BlockCollector(60_000);
      for (const byte of cut(blockOf(60_000), byteByByte(60_000))) {
        collector.take(byte, 0);
        // The buffer, finished or not.
        if (collector.finish().length > Math.max(512, 2 * collector.length))
          throw new Error(`at ${collector.length}`);
      }
      expect(collector.finish()).toHaveLength(60_000);
    });

    it.each([
      ['byte by byte', 1],
      ['in small chunks', 7],
      ['in chunks of 1 kB', 1024],
    ])('should allocate and copy in proportion to the block, %s', (_name, size) => {
      const block = blockOf(64_000);
      const chunks = cut(
        block,
        Array.from({ length: Math.ceil(block.length / size) }, () => size),
      );
      const set = jest.spyOn(Uint8Array.prototype, 'set');
      const allocated = countAllocatedBytes(() => collect(block.length, chunks));
      const copied = set.mock.calls.reduce((total, [source]) => total + source.length, 0);
      set.mockRestore();
      expect(allocated).toBeLessThan(3 * block.length);
      expect(copied).toBeLessThan(3 * block.length);
    });

    it('should reserve at once what arrives at once', () => {
      const most = blockOf(50_000);
      expect(countAllocatedBytes(() => collect(60_000, [most]))).toBe(50_000);
    });
  });
});

function blockOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => index);
}

function collect(size: number, chunks: readonly Uint8Array[]): BlockCollector {
  const collector = new BlockCollector(size);
  for (const chunk of chunks) collector.take(chunk, 0);
  return collector;
}
