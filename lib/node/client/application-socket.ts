/** The socket of a call, which hears of an early answer before it hears of a failed write. */
import { Socket } from 'node:net';

type WriteCallback = (error?: Error | null) => void;

/**
 * Reports a write that the application refused only when the input has been read: it may have answered before it closed, and
 * Node.js would drop what has not been read yet.
 */
export class ApplicationSocket extends Socket {
  /** Why the application takes no more of the request. */
  refusal: Error | undefined;

  override _write(chunk: unknown, encoding: BufferEncoding, callback: WriteCallback): void {
    super._write(chunk, encoding, this.holding(callback));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: WriteCallback): void {
    super._writev?.(chunks, this.holding(callback));
  }

  /** A write without its callback is one that is still under way: nothing more is written, and reading goes on. */
  private holding(callback: WriteCallback): WriteCallback {
    return (error) => {
      const { code } = (error ?? {}) as NodeJS.ErrnoException;
      if (error && !this.readableEnded && (code === 'EPIPE' || code === 'ECONNRESET')) this.refusal = error;
      else callback(error);
    };
  }
}
