/** A transport over any Duplex that is not a socket of Node.js: streams of the Web, SSH channels, a pair of pipes. */
import type { Duplex } from 'node:stream';
import type { Unsubscribable } from 'rxjs';
import { encodeLatin1 } from '../core/text/latin1.js';
import type { Transport, TransportEvents } from '../server/transport.js';

export class DuplexTransport implements Transport {
  /** Receives the events; to be set before anything can happen. */
  events: TransportEvents | undefined;
  /** A Duplex knows no reset. */
  readonly canAbort = false;
  readonly tellsDeparture = false;
  bytesTaken = 0;
  private failure: Error | undefined;
  private listening = false;
  private awaitingDrain = false;

  constructor(private readonly duplex: Duplex) {
    // A stream without an error listener ends the process: this one stays for good.
    duplex.on('error', (error) => (this.failure ??= error));
    duplex.on('close', () => this.events?.closed(this.failure));
  }

  write(data: Uint8Array | string): boolean {
    const { duplex } = this;
    // An empty write tells nothing of the other side here, and may be an error to a stream of the Web.
    if (!duplex.writable || data.length === 0) return true;
    // A buffer of its own: a stream may pass the chunk on, or transfer it, after it has said that it has taken it.
    const bytes = typeof data === 'string' ? encodeLatin1(data) : new Uint8Array(data);
    // Taken is what the callback says: in object mode, the stream counts chunks.
    try {
      duplex.write(bytes, (error) => {
        if (!error) this.taken(bytes.length);
      });
    } catch (error) {
      // Node.js does not catch what a stream's own `write` throws.
      duplex.destroy(error as Error);
      return false;
    }
    if (duplex.writableLength === 0) return true;
    this.awaitingDrain = true;
    return false;
  }

  pauseReading(): void {
    this.duplex.pause();
  }

  resumeReading(): void {
    const { duplex } = this;
    if (!this.listening) {
      this.listening = true;
      duplex.on('data', (chunk: Uint8Array | string) => this.received(chunk));
      duplex.on('end', () => this.events?.ended());
    }
    duplex.resume();
  }

  end(): void {
    this.duplex.end();
  }

  abort(): void {
    this.duplex.destroy();
  }

  destroy(): void {
    this.duplex.destroy();
  }

  nextTurn(work: () => void): Unsubscribable {
    const immediate = setImmediate(work);
    return { unsubscribe: () => clearImmediate(immediate) };
  }

  private received(chunk: Uint8Array | string): void {
    try {
      // With an encoding, or from a generator, it gives text.
      this.events?.received(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    } catch (error) {
      // In object mode, it may give what cannot even be counted, such as `undefined`.
      this.duplex.destroy(error as Error);
    }
  }

  private taken(bytes: number): void {
    this.bytesTaken += bytes;
    if (!this.awaitingDrain || this.duplex.writableLength > 0) return;
    this.awaitingDrain = false;
    this.events?.drained();
  }
}
