/** Collects a header block that arrives in pieces, in one buffer that grows no faster than the bytes come. */

/** What the first piece reserves; an idle connection that announced a large block costs no more than this. */
const FIRST_STEP_BYTES = 512;

/**
 * One buffer of the announced size, reached by doubling: each byte is copied at most twice more on average,
 * so that the cost is linear even byte by byte, and at most half of what is held is empty.
 */
export class BlockCollector {
  /** Bytes collected. */
  length = 0;
  private buffer = new Uint8Array(0);

  /** @param size - bytes of the whole block, as announced. */
  constructor(readonly size: number) {}

  get complete(): boolean {
    return this.length === this.size;
  }

  /** Takes what belongs to the block from `chunk[start…]`. @returns how many bytes that was. */
  take(chunk: Uint8Array, start: number): number {
    const taken = Math.min(this.size - this.length, chunk.length - start);
    const end = this.length + taken;
    if (end > this.buffer.length) this.grow(end);
    if (taken === 1) {
      // A one-byte `set` with its subarray costs ten times the store.
      this.buffer[this.length] = chunk[start] as number;
    } else {
      // A view of all of a chunk is the chunk.
      const all = start === 0 && taken === chunk.length;
      this.buffer.set(all ? chunk : chunk.subarray(start, start + taken), this.length);
    }
    this.length = end;
    return taken;
  }

  /** The block, once complete; the buffer is the caller's from then on. */
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
