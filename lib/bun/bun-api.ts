/** The part of Bun's API that is used here, so that nobody has to install its types. https://bun.com/docs/runtime/networking/tcp */

/** A socket of `Bun.listen`, as `listen` emits it and `usingSocket` takes it. */
export interface BunSocket {
  /** What the library keeps with the socket. */
  data: unknown;
  /** The address of the gateway. */
  readonly remoteAddress: string;
  /** A number over TCP; undefined on Unix sockets. */
  readonly localPort: number | undefined;
  /** The system's descriptor; undocumented, and so optional. */
  readonly fd?: number;
  /** Returns how many bytes the system has taken; -1 after the end. */
  write(bytes: Uint8Array): number;
  /** The same, for text. Bun's types and documentation have no encodings; Bun itself writes the text of `node:net` by them. */
  write(text: string, encoding: 'latin1'): number;
  /** Asks for probes of an idle connection, the first after `initialDelayMs`. */
  setKeepAlive(enable: boolean, initialDelayMs: number): boolean;
  /** Stops reading. */
  pause(): void;
  /** Reads again. */
  resume(): void;
  /** Sends FIN, and goes on reading. */
  shutdown(): void;
  /** Closes both directions. */
  end(): void;
  /** The same, without what only TCP needs: one call of the system less. */
  close(): void;
  /** Closes both directions; over TCP, sends RST. */
  terminate(): void;
}

/** One object for all sockets of a listener. */
export interface BunSocketHandlers {
  open(socket: BunSocket): void;
  data(socket: BunSocket, chunk: Uint8Array): void;
  /** The other side's FIN. */
  end(socket: BunSocket): void;
  /** The system takes more, after it did not take everything; also at times when it did. */
  drain(socket: BunSocket): void;
  close(socket: BunSocket, error?: Error): void;
}

export type BunListenTarget =
  { readonly hostname: string; readonly port: number } | { readonly unix: string } | { readonly fd: number };

export type BunListenOptions = BunListenTarget & {
  readonly socket: BunSocketHandlers;
  /** The first `data` of each socket. */
  readonly data: unknown;
  readonly allowHalfOpen: boolean;
};

export interface BunListener {
  readonly hostname: string;
  readonly port: number;
  /** Accepts no more. Connections go on. */
  stop(): void;
}

interface BunApi {
  listen(options: BunListenOptions): BunListener;
}

/** Returns Bun's API. @throws TypeError on any other runtime. */
export function bunApi(): BunApi {
  const { Bun } = globalThis as { Bun?: BunApi };
  if (Bun) return Bun;
  throw new TypeError('rxscgi/bun needs Bun; on other runtimes, rxscgi/node has the same names');
}
