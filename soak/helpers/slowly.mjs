/** Readers at a given rate, as clients behind a slow line are. */
import { setTimeout as delay } from 'node:timers/promises';

/** Waits shorter than this are taken together. */
const SHORTEST_WAIT_MS = 2;

/** Takes a stream at `bytesPerSecond`, and gives each chunk to `take`. Fails as the stream does. */
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
