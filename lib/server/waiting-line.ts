/** Connections that wait for their turn, unread, first come first served. */
import type { Socket } from 'node:net';

export class WaitingLine {
  // A Set keeps the order of insertion, and removes from the middle at no cost.
  private readonly sockets = new Set<Socket>();

  /** @param maxWaiting - sockets in the line, at most. */
  constructor(private readonly maxWaiting: number) {}

  get length(): number {
    return this.sockets.size;
  }

  /** @returns whether there was room. */
  join(socket: Socket): boolean {
    if (this.sockets.size >= this.maxWaiting) return false;
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return true;
  }

  /** Whose turn it is. */
  next(): Socket | undefined {
    for (const socket of this.sockets) {
      this.sockets.delete(socket);
      return socket;
    }
    return undefined;
  }
}
