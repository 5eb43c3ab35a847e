/** The input of a call without the events and buffers of a stream: what comes is read into one buffer for all calls. */
import type { OnReadOpts } from 'node:net';

const READ_BYTES = 65_536;

/**
 * Bun and Deno have no buffers of the caller's own, or not all of it. On Windows, the system fills a buffer some time after it was
 * given: one for all calls would mix them up.
 */
const SUPPORTED =
  process.platform !== 'win32' &&
  process.versions['bun'] === undefined &&
  process.versions['deno'] === undefined;

/** Between two turns of the event loop, nobody has anything in it. */
let shared: Buffer | undefined;

/**
 * Makes the option `onread` of a socket.
 *
 * @param receiver - gets chunks of their own, as `data` events have them.
 * @returns `undefined` where it does not work; take `data` events there.
 */
export function directInput(receiver: { received(chunk: Buffer): void }): OnReadOpts | undefined {
  if (!SUPPORTED) return undefined;
  let buffer = (shared ??= Buffer.allocUnsafeSlow(READ_BYTES));
  return {
    buffer: () => buffer,
    callback(bytes) {
      const chunk = buffer;
      if (bytes === READ_BYTES) {
        // Much comes: handing each buffer over costs less than copying it.
        buffer = Buffer.allocUnsafeSlow(READ_BYTES);
        if (chunk !== shared) {
          receiver.received(chunk);
          return true;
        }
      }
      const copy = Buffer.allocUnsafeSlow(bytes);
      chunk.copy(copy, 0, 0, bytes);
      receiver.received(copy);
      return true;
    },
  };
}
