/** What the program of this folder answers to `/download`. */
import { createHash } from 'node:crypto';

export function downloadOf(bytes: number): Buffer {
  return Buffer.alloc(
    bytes,
    Uint8Array.from({ length: 65_536 }, (_, index) => index % 251),
  );
}

export function downloadDigest(bytes: number): string {
  return createHash('sha256').update(downloadOf(bytes)).digest('hex');
}
