/** Counts for how many connections the process's limit of open files leaves room. */
import { readFileSync, readdirSync, statSync } from 'node:fs';

/** Reserved for everything else: modules, databases, logs. */
const RESERVED_DESCRIPTORS = 32;
const SOFT_LIMIT = /^Max open files\s+(\d+)/m;

/** How long a count is valid; longer where counting is slow, so that it takes at most a hundredth of the time. */
const COUNT_EVERY_MS = 100;
const COUNT_SHARE = 0.01;

/**
 * At the limit of open files libuv closes new connections in silence. A server that stops below the limit can report it.
 *
 * The application, and other servers in the process, open files as well: so all files are counted again from time to time, and after many
 * new connections.
 */
export class DescriptorBudget {
  /** The files that were open at the last count. */
  open = 0;
  private room = Infinity;
  private countAtMs = -Infinity;
  private countAtConnections = 0;

  /**
   * @param limit - the process's limit of open files; `Infinity` where the system does not tell.
   * @param countOpen - counts the open files to which the limit applies.
   */
  constructor(
    readonly limit = softLimit(),
    private readonly countOpen = openFileCounter(limit),
  ) {}

  /** Tells whether one more connection leaves enough for everything else. @param connections - the open ones. */
  hasRoom(connections: number): boolean {
    if (this.limit === Infinity) return true;
    if (connections >= this.countAtConnections || performance.now() >= this.countAtMs)
      this.count(connections);
    return connections < this.room;
  }

  /** Counts, and tells whether no descriptor is left. */
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
    // At least one, so that the server goes on, if slowly.
    this.room = Math.max(1, this.limit - RESERVED_DESCRIPTORS - others);
    this.countAtMs = endedMs + Math.max(COUNT_EVERY_MS, (endedMs - begunMs) / COUNT_SHARE);
    // Only a part of the free ones: other servers that count like this one may take as many meanwhile.
    this.countAtConnections =
      connections + Math.max(RESERVED_DESCRIPTORS / 2, Math.floor((this.room - connections) / 4));
  }

  private openFiles(): number {
    try {
      return this.countOpen();
    } catch {
      // Counting needs a descriptor, too.
      return this.limit;
    }
  }
}

function softLimit(): number {
  try {
    const limit = SOFT_LIMIT.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    // Without a count, the limit is of no use.
    return limit === undefined || countOpenFiles() === 0 ? Infinity : Number(limit);
  } catch {
    return Infinity;
  }
}

/** Inherited files may have numbers above the limit, when they were opened under a higher one; they do not count. */
function openFileCounter(limit: number): () => number {
  const inherited = limit === Infinity ? 0 : openFiles().filter((file) => Number(file) >= limit).length;
  return () => countOpenFiles() - inherited;
}

function openFiles(): string[] {
  return readdirSync('/proc/self/fd');
}

/** Linux 6.2 and later give the number as the size of the folder. */
function countOpenFiles(): number {
  return statSync('/proc/self/fd').size || openFiles().length;
}
