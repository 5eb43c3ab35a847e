/** What the application of each framework answers with. */
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pattern } from '../../../soak/helpers/pattern.mjs';

export { pattern };

/** The folder with the static file. */
export const STATIC = fileURLToPath(new URL('static', import.meta.url));

/** Bytes of the endless download that were made, and how many of those downloads have been left. */
export const state = { produced: 0, left: 0 };

const released = new EventEmitter();

/** Lets the next event go. */
export function release() {
  released.emit('event');
}

/** Three events; each but the first waits for `release`. */
export async function* events() {
  for (let count = 1; count <= 3; count++) {
    if (count > 1) await once(released, 'event');
    yield `data: ${count}\n\n`;
  }
}

export async function* endless() {
  try {
    for (const block of pattern(Infinity)) {
      state.produced += block.length;
      yield block;
    }
  } finally {
    state.left++;
  }
}

/** Bytes and SHA-256 of what a stream brings. */
export async function digestOf(stream) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, digest: hash.digest('hex') };
}
