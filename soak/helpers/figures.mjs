/** Figures, and how they are written. */
import { MIB } from './memory.mjs';

/** The value below which a share `p` of the values lies. */
export function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)];
}

export const median = (values) => percentile(values, 0.5);

export function mib(bytes) {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

export function ms(milliseconds) {
  return `${milliseconds.toFixed(1)} ms`;
}

/** `{ a: 1, b: 2 }` as `a 1, b 2`. */
export function list(counts) {
  const entries = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return entries.length === 0 ? 'none' : entries.join(', ');
}
