/** The interface that a runtime implements for each connection; `lib/server` knows nothing else about sockets. */

import type { Unsubscribable } from 'rxjs';

/**
 * One connection, as a runtime gives it: not reading yet, and open for writing after the gateway's FIN. Calls are synchronous,
 * and none of them throws; after the end of the connection they do nothing.
 */
export interface Transport {
  /**
   * Writes bytes, or text of which each character is one byte. An empty write asks the system whether the gateway is still
   * there: where the system knows that it has left, `closed` follows.
   *
   * @returns whether the system has taken everything written so far; if not, `drained` follows as soon as it has.
   */
  write(data: Uint8Array | string): boolean;
  pauseReading(): void;
  resumeReading(): void;
  /**
   * Sends FIN after what was written.
   *
   * @param requestOver - nothing more of the request will come: a transport that loses no output by it may close at once.
   */
  end(requestOver?: boolean): void;
  /** Sends RST where there is one: what has gone out must not look complete. */
  abort(): void;
  destroy(): void;
  /** Whether the connection is closed on this side: `closed` follows. Where it is missing, only `closed` tells. */
  readonly isClosing?: boolean;
  /** False where an empty write tells nothing of the gateway. */
  readonly tellsDeparture?: boolean | undefined;
  /** False on Unix sockets and pipes, which have no RST. */
  readonly canAbort: boolean;
  /** Bytes that the system has taken so far. It grows while a large write is under way, where the runtime can tell. */
  readonly bytesTaken: number;
  /** Calls `work` after what has arrived meanwhile has been read; where it is missing, a timer does. */
  nextTurn?(work: () => void): Unsubscribable;
}

/** Receives the events of a transport. */
export interface TransportEvents {
  /** The chunk belongs to the receiver. */
  received(chunk: Uint8Array): void;
  /** The gateway's FIN. */
  ended(): void;
  /** The system has taken everything, after a write that returned false. */
  drained(): void;
  /** The connection is over; nothing follows. */
  closed(error?: Error): void;
}
