/** How many connections the process's limit of open files leaves room for. */
import { readFileSync, readdirSync, statSync } from 'node:fs';

/** Left for everything else: modules that load, databases, logs. */
const RESERVED_DESCRIPTORS = 32;
const SOFT_LIMIT = /^Max open files\s+(\d+)/m;

/** How long a count is good for; longer where counting is slow, so that it takes a hundredth of the time at most. */
const COUNT_EVERY_MS = 100;
const COUNT_SHARE = 0.01;

/**
 * At the limit of open files libuv closes new connections without a word, and nobody learns why. To stop below it is to be
 * able to say so.
 *
 * The application, and other servers in the process, open files as well: all are counted again once in a while, and when
 * many connections have come since.
 */
export class DescriptorBudget {
  /** Files that were open at the last count. */
  open = 0;
  private room = Infinity;
  private countAtMs = -Infinity;
  private countAtConnections = 0;

  /**
   * @param limit - the process's limit of open files; `Infinity` where the system does not tell.
   * @param countOpen - counts those that are open, of those that the limit is for.
   */
  constructor(
    readonly limit = softLimit(),
    private readonly countOpen = openFileCounter(limit),
  ) {}

  /** Whether one more connection leaves enough for everything else. @param connections - those that there are. */
  hasRoom(connections: number): boolean {
    if (this.limit === Infinity) return true;
    if (connections >= this.countAtConnections || performance.now() >= this.countAtMs)
      this.count(connections);
    return connections < this.room;
  }

  /** Counts, and says whether there is not one left. */
  isUsedUp(connections: number): boolean {
    if (this.limit === Infinity) return false;
    this.count(connections);
    return this.open >= this.limit;
  }

  private count(connections: number): void {
    const begunMs = performance.now();
    this.open = this.openFiles();
    const endedMs = performance.now();
    const others = this.open - connections;
    // One at least, so that it goes on, if slowly.
    this.room = Math.max(1, this.limit - RESERVED_DESCRIPTORS - others);
    this.countAtMs = endedMs + Math.max(COUNT_EVERY_MS, (endedMs - begunMs) / COUNT_SHARE);
    // A part of what is free: others that count like this one may take as much meanwhile.
    this.countAtConnections =
      connections + Math.max(RESERVED_DESCRIPTORS / 2, Math.floor((this.room - connections) / 4));
  }

  private openFiles(): number {
    try {
      return this.countOpen();
    } catch {
      // To look needs a descriptor, too.
      return this.limit;
    }
  }
}

function softLimit(): number {
  try {
    const limit = SOFT_LIMIT.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    // Where files cannot be counted, a limit is of no use.
    return limit === undefined || countOpenFiles() === 0 ? Infinity : Number(limit);
  } catch {
    return Infinity;
  }
}

/** Files may have been inherited that are above the limit, and take nothing of it: they were opened under a higher one. */
function openFileCounter(limit: number): () => number {
  const inherited = limit === Infinity ? 0 : openFiles().filter((file) => Number(file) >= limit).length;
  return () => countOpenFiles() - inherited;
}

function openFiles(): string[] {
  return readdirSync('/proc/self/fd');
}

/** Linux 6.2 and later have the number at hand, as the folder's size. */
function countOpenFiles(): number {
  return statSync('/proc/self/fd').size || openFiles().length;
}
