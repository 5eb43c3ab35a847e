/** Views of `bytes`, of the sizes given; what is left over is the last one. */
export function cut(bytes: Uint8Array, sizes: Iterable<number>): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let start = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(start, start + size));
    start = Math.min(bytes.length, start + size);
  }
  if (start < bytes.length) chunks.push(bytes.subarray(start));
  return chunks;
}

/** The sizes that cut `length` bytes into single ones. */
export function byteByByte(length: number): number[] {
  return Array.from({ length }, () => 1);
}

/** The sizes of every cut of `length` bytes into two parts. */
export function everyTwoPartCut(length: number): number[][] {
  return Array.from({ length: Math.max(0, length - 1) }, (_, index) => [index + 1]);
}
