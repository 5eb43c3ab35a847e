/** Formats figures. */
import { MIB } from '../../bench/shared/memory.mjs';

export function mib(bytes) {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

export function ms(milliseconds) {
  return `${milliseconds.toFixed(1)} ms`;
}

/** Formats `{ a: 1, b: 2 }` as `a 1, b 2`. */
export function list(counts) {
  const entries = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return entries.length === 0 ? 'none' : entries.join(', ');
}
