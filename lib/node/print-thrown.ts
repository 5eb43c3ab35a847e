/** Prints what a handler or an observer has thrown, where nobody else does. */
import { inspect } from 'node:util';

/** Writes a thrown value of any kind to stderr, with its stack and its causes. Never throws. */
export function printThrown(thrown: unknown): void {
  process.stderr.write(`${format(thrown)}\n`);
}

function format(thrown: unknown): string {
  try {
    return inspect(thrown, { maxStringLength: 10_000 });
  } catch {
    return 'a thrown value that cannot be shown';
  }
}
