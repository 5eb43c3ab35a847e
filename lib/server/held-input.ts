/** What a connection sends while it waits for its turn. */
import type { MetaVariables } from '../core/meta-variables.js';
import type { ReaderLimits } from '../core/options.js';
import { RequestParser } from '../core/request/request-parser.js';

/** With so much held, reading pauses. A usual request fits, so that its gateway's FIN is received behind it. */
const FULL_BYTES = 16_384;

/** Holds the beginning of a request in one buffer, however small its chunks are. */
export class HeldInput {
  length = 0;
  private buffer = new Uint8Array(0);

  get full(): boolean {
    return this.length >= FULL_BYTES;
  }

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  add(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (this.length === 0) {
      this.buffer = chunk as Uint8Array<ArrayBuffer>;
    } else {
      if (length > this.buffer.length) this.grow(Math.max(length, 2 * this.length));
      this.buffer.set(chunk, this.length);
    }
    this.length = length;
  }

  /** Reads the head: `undefined` while it is incomplete, `'faulty'` when it never will be complete. */
  readHead(limits: ReaderLimits): MetaVariables | 'faulty' | undefined {
    let head: MetaVariables | undefined;
    const reader = new RequestParser(limits, {
      requestHeaders(variables) {
        head = variables;
        reader.stop();
      },
      requestBody: () => undefined,
      requestEnd: () => undefined,
    });
    try {
      reader.push(this.bytes);
    } catch {
      return 'faulty';
    }
    return head;
  }

  private grow(size: number): void {
    const larger = new Uint8Array(size);
    larger.set(this.bytes);
    this.buffer = larger;
  }
}
