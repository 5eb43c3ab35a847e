/** A queue of chunks that counts its bytes. They bound its memory, however small the chunks are. */

/** Up to this many chunks are kept as they came; beyond, small ones are copied together. */
const MAX_SEPARATE_CHUNKS = 2;
/** Places of chunks that have gone are kept until so many can be removed at once. */
const MAX_EMPTY_PLACES = 1024;
const SMALL_CHUNK_BYTES = 1024;
/** The first block is small, as few chunks wait usually. */
const FIRST_BLOCK_BYTES = 1024;
const BLOCK_BYTES = 4096;
const NOTHING = new Uint8Array(0);

/** First in, first out, in constant time. */
export class ChunkQueue {
  /** Bytes in the queue. */
  bytes = 0;
  private chunks: Uint8Array[] = [];
  private first = 0;
  /** The last chunk, when it is a block of ours with room behind it. */
  private block: Uint8Array | undefined;
  private blockUsed = 0;

  get empty(): boolean {
    return this.first === this.chunks.length;
  }

  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    // A chunk costs some 500 bytes of objects, however small it is: a peer that dribbles would multiply the limit.
    if (this.chunks.length - this.first >= MAX_SEPARATE_CHUNKS && chunk.length < SMALL_CHUNK_BYTES) {
      this.append(chunk);
    } else {
      this.block = undefined;
      this.chunks.push(chunk);
    }
  }

  shift(): Uint8Array | undefined {
    if (this.empty) return undefined;
    const chunk = this.chunks[this.first] as Uint8Array;
    // The place stays until many can go at once, but must not keep the chunk alive.
    this.chunks[this.first++] = NOTHING;
    if (this.empty) {
      this.chunks = [];
      this.first = 0;
      this.block = undefined;
    } else if (this.first >= MAX_EMPTY_PLACES) {
      this.chunks = this.chunks.slice(this.first);
      this.first = 0;
    }
    this.bytes -= chunk.length;
    return chunk;
  }

  clear(): void {
    this.chunks = [];
    this.first = this.bytes = 0;
    this.block = undefined;
  }

  private append(chunk: Uint8Array): void {
    if (this.block === undefined || this.blockUsed + chunk.length > this.block.length) {
      this.block = new Uint8Array(this.block ? BLOCK_BYTES : FIRST_BLOCK_BYTES);
      this.blockUsed = 0;
    } else {
      this.chunks.pop();
    }
    this.block.set(chunk, this.blockUsed);
    this.blockUsed += chunk.length;
    this.chunks.push(this.block.subarray(0, this.blockUsed));
  }
}
