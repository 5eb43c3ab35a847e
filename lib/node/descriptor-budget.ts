/** How many connections the process's limit of open files leaves room for. */
import { readFileSync, readdirSync } from 'node:fs';

/** Left for everything else: modules that load, databases, logs. */
const RESERVED_DESCRIPTORS = 32;
const SOFT_LIMIT = /^Max open files\s+(\d+)/m;

/**
 * The number of sockets that can be open at once before descriptors run out.
 *
 * At the limit libuv closes new connections without a word, and nobody learns why. To stop below it is to be able to say
 * so. Where the system does not tell (it does on Linux), `Infinity`.
 */
export function descriptorBudget(): number {
  try {
    const limit = SOFT_LIMIT.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    if (limit === undefined) return Infinity;
    const open = readdirSync('/proc/self/fd').length;
    return Math.max(1, Number(limit) - open - RESERVED_DESCRIPTORS);
  } catch {
    return Infinity;
  }
}
