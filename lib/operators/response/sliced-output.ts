/** Sends large chunks in slices, so that a slow gateway's progress shows, and notices when their bytes are lost. */
import { ScgiUsageError } from '../../core/errors/errors.js';

const SLICE_BYTES = 262_144;

export class SlicedOutput {
  /** What is left of a large chunk. */
  private rest: Uint8Array | undefined;
  /** The slice that went out last, and its size then. */
  private last: Uint8Array | undefined;
  private lastBytes = 0;
  private cut = false;

  constructor(private readonly output: { emit(bytes: Uint8Array): void }) {}

  /** Whether a part of a chunk waits. */
  get waiting(): boolean {
    return this.rest !== undefined;
  }

  /** Whether a chunk has not gone out as a whole, and perhaps never will. */
  get insideChunk(): boolean {
    return this.cut || this.waiting;
  }

  /** Sends a chunk, or its first slice. */
  emit(data: Uint8Array): void {
    const fits = data.length <= SLICE_BYTES;
    const slice = fits ? data : data.subarray(0, SLICE_BYTES);
    this.rest = fits ? undefined : data.subarray(SLICE_BYTES);
    this.last = slice;
    this.lastBytes = slice.length;
    this.output.emit(slice);
  }

  /** Sends the next slice of what waits. */
  emitRest(): void {
    if (this.rest) this.emit(this.rest);
  }

  /**
   * Looks at the buffer of the last slice: one that was transferred to somebody else has a size of 0. The bytes that were
   * still to go out are lost then, and what has gone out must not look complete.
   *
   * @throws ScgiUsageError ERR_SCGI_BODY_TYPE
   */
  verify(): void {
    if (this.last === undefined || this.last.length === this.lastBytes) return;
    throw new ScgiUsageError(
      'ERR_SCGI_BODY_TYPE',
      'the buffer of a chunk was transferred while it went out; transfer a copy',
    );
  }

  clear(): void {
    this.cut ||= this.waiting;
    this.rest = this.last = undefined;
  }
}
