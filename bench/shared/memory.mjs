/** The memory of this process. Run with `--expose-gc`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

export const MIB = 1024 * 1024;

const SAMPLE_INTERVAL_MS = 5;

/** Collects garbage until finalizers, which may free more, have run. */
export async function collect() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await turn();
  }
}

export function memory() {
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { rss, heapUsed, external, arrayBuffers };
}

/** The highest sample, where the system keeps no peak. */
let sampled = 0;
let sampler;

/** Resets the peak. Linux keeps the exact peak of a process; elsewhere it is sampled. */
export function resetPeakRss() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    sampled = 0;
    sampler ??= setInterval(
      () => (sampled = Math.max(sampled, process.memoryUsage.rss())),
      SAMPLE_INTERVAL_MS,
    );
    sampler.unref();
  }
}

/** Returns the peak in bytes since `resetPeakRss`, or since the start. */
export function peakRss() {
  if (sampler) return Math.max(sampled, process.memoryUsage.rss());
  const [, kibibytes] = /^VmHWM:\s*([0-9]+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'));
  return Number(kibibytes) * 1024;
}
