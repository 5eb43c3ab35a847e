/** Collects a block that arrives in pieces, in one buffer that grows as the bytes arrive. */

/** The size of the first buffer. An idle connection that has announced a large block costs no more than this. */
const FIRST_STEP_BYTES = 512;

/**
 * A buffer that doubles until it has the announced size. Each byte is copied at most twice more on average, so that the
 * cost is linear even byte by byte, and at most half of the buffer is empty.
 */
export class BlockCollector {
  /** Bytes collected. */
  length = 0;
  private buffer = new Uint8Array(0);

  /** @param size - bytes of the whole block, as announced. */
  constructor(readonly size: number) {}

  /** Bytes that are still to come. */
  get missing(): number {
    return this.size - this.length;
  }

  /** Takes the bytes of the block from `chunk`, beginning at `start`. @returns how many it took. */
  take(chunk: Uint8Array, start: number): number {
    const taken = Math.min(this.missing, chunk.length - start);
    const end = this.length + taken;
    if (end > this.buffer.length) this.grow(end);
    if (taken === 1) {
      // `set` with a subarray of one byte takes ten times as long as this.
      this.buffer[this.length] = chunk[start] as number;
    } else {
      // The whole chunk needs no view.
      const all = start === 0 && taken === chunk.length;
      this.buffer.set(all ? chunk : chunk.subarray(start, start + taken), this.length);
    }
    this.length = end;
    return taken;
  }

  /** Returns the buffer, which belongs to the caller from then on. The block is its first `length` bytes. */
  finish(): Uint8Array {
    return this.buffer;
  }

  private grow(atLeast: number): void {
    const size = Math.min(this.size, Math.max(FIRST_STEP_BYTES, this.buffer.length * 2, atLeast));
    const larger = new Uint8Array(size);
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}
