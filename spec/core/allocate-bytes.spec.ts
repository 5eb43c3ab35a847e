import { allocateBytes } from '../../lib/core/allocate-bytes.js';

describe('allocateBytes', () => {
  it.each([0, 1, 1024, 1025, 100_000])('should give %d bytes, all of them zero', (length) => {
    const bytes = allocateBytes(length);
    expect(bytes).toHaveLength(length);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('should give each byte to one alone', () => {
    const all = Array.from({ length: 100 }, (_, index) => allocateBytes(index * 11).fill(index));
    for (const [index, bytes] of all.entries()) expect(bytes.every((byte) => byte === index)).toBe(true);
  });

  it('should cut small ones from buffers of 8 KiB, and leave large ones by themselves', () => {
    const buffers = new Set(Array.from({ length: 80 }, () => allocateBytes(1000).buffer));
    expect(buffers.size).toBeGreaterThanOrEqual(10);
    expect([...buffers].every(({ byteLength }) => byteLength === 8192)).toBe(true);
    expect(allocateBytes(1025).buffer.byteLength).toBe(1025);
  });
});
