/** Reads at a given rate, as clients on a slow line do. */
import { setTimeout as delay } from 'node:timers/promises';

/** Shorter waits are combined. */
const SHORTEST_WAIT_MS = 2;

/** Reads a stream at `bytesPerSecond`, and passes each chunk to `take`. Rejects when the stream fails. */
export async function readSlowly(stream, bytesPerSecond, take) {
  const started = performance.now();
  let bytes = 0;
  for await (const chunk of stream) {
    take(chunk);
    bytes += chunk.length;
    const early = started + (bytes / bytesPerSecond) * 1000 - performance.now();
    if (early >= SHORTEST_WAIT_MS) await delay(early);
  }
}
