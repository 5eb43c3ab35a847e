import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { ChunkQueue } from '../../../lib/operators/flow/chunk-queue.js';
import { countAllocatedBytes } from '../../helpers/count-allocated-bytes.js';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { show, wire } from '../../helpers/wire/wire.js';

describe('ChunkQueue', () => {
  it('should be empty at first', () => {
    const queue = new ChunkQueue();
    expect([queue.empty, queue.bytes, queue.shift()]).toEqual([true, 0, undefined]);
  });

  it('should give the chunks themselves, first in, first out', () => {
    const queue = new ChunkQueue();
    const chunks = [wire('ab'), wire('c'), new Uint8Array(1024)];
    for (const chunk of chunks) queue.push(chunk);
    expect(
      [queue.shift(), queue.shift(), queue.shift(), queue.shift()].every((c, i) => c === chunks[i]),
    ).toBe(true);
  });

  it('should count its bytes', () => {
    const queue = new ChunkQueue();
    const sizes = [];
    for (const text of ['ab', '', 'c']) {
      queue.push(wire(text));
      sizes.push(queue.bytes);
    }
    while (!queue.empty) {
      queue.shift();
      sizes.push(queue.bytes);
    }
    expect(sizes).toEqual([2, 2, 3, 1, 1, 0]);
  });

  it('should be empty and usable after clear', () => {
    const queue = new ChunkQueue();
    for (let count = 0; count < 3000; count++) queue.push(wire('x'));
    queue.clear();
    expect([queue.empty, queue.bytes, queue.shift()]).toEqual([true, 0, undefined]);
    queue.push(wire('y'));
    expect([queue.bytes, queue.shift()]).toEqual([1, wire('y')]);
  });

  it('should hold bytes that come one by one in few chunks and little more memory', () => {
    const queue = new ChunkQueue();
    const chunk = wire('x');
    const allocated = countAllocatedBytes(() => {
      for (let count = 0; count < 100_000; count++) queue.push(chunk);
    });
    expect(queue.bytes).toBe(100_000);
    expect(drain(queue).length).toBeLessThan(3 + 100_000 / 4096 + 1);
    expect(allocated).toBeLessThan(105_000);
  });

  it('should not copy large chunks, however many', () => {
    const queue = new ChunkQueue();
    const chunk = new Uint8Array(1024);
    expect(countAllocatedBytes(() => Array.from({ length: 3000 }, () => queue.push(chunk)))).toBe(0);
    expect(drain(queue)).toHaveLength(3000);
  });

  it('should not give chunks away that change later', () => {
    const queue = new ChunkQueue();
    for (let count = 0; count < 2; count++) queue.push(wire('x'));
    queue.push(wire('a'));
    for (let count = 0; count < 2; count++) queue.shift();
    const last = queue.shift()!;
    for (let count = 0; count < 10; count++) queue.push(wire('z'));
    expect(show(last)).toBe('a');
  });

  it('should release what it has given away', async () => {
    const queue = new ChunkQueue();
    const given = new WeakRef(pushAndShift(queue));
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect({ bytes: queue.bytes, kept: given.deref() !== undefined }).toEqual({ bytes: 1, kept: false });
  });

  it('should keep every byte in its order', () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 0, max: 2000 }), times: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ push: fc.integer({ min: 0, max: 3 }), times: fc.integer({ min: 1, max: 1500 }) }),
      fc.record({ shift: fc.integer({ min: 1, max: 1500 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const queue = new ChunkQueue();
        let pushed = 0;
        let shifted = 0;
        const shift = (): void => {
          for (const byte of queue.shift() ?? [])
            if (byte !== shifted++ % 251) throw new Error(`byte ${shifted}`);
        };
        for (const taken of steps) {
          for (let count = 0; 'push' in taken && count < taken.times; count++) {
            queue.push(Uint8Array.from({ length: taken.push }, () => pushed++ % 251));
          }
          for (let count = 0; 'shift' in taken && count < taken.shift; count++) shift();
          expect(queue.bytes).toBe(pushed - shifted);
        }
        while (!queue.empty) shift();
        expect(shifted).toBe(pushed);
      }),
      { numRuns: Math.ceil(FUZZ_RUNS / 50) },
    );
  });
});

/** Leaves one chunk in the queue, and returns the one that was before it. */
function pushAndShift(queue: ChunkQueue): Uint8Array {
  queue.push(new Uint8Array(100_000));
  queue.push(wire('x'));
  return queue.shift()!;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function drain(queue: ChunkQueue): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  while (!queue.empty) chunks.push(queue.shift()!);
  return chunks;
}
