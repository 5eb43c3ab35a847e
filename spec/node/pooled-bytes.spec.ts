import { of } from 'rxjs';
import { handleScgi } from '../../lib/index.js';
import { pooledBytes } from '../../lib/node/pooled-bytes.js';
import { verifyServeOptions } from '../../lib/node/serve-options.js';
import { requestBytes } from '../../lib/testing/index.js';

describe('pooledBytes', () => {
  it('should be what a server writes from', () => {
    expect(verifyServeOptions({ listen: '127.0.0.1:0' }).handle.allocate).toBe(pooledBytes);
  });

  it('should share a pool, of which each byte is given to one alone', () => {
    const all = Array.from({ length: 100 }, (_, index) => pooledBytes(index).fill(index));
    expect(new Set(all.map(({ buffer }) => buffer)).size).toBeLessThan(10);
    for (const [index, bytes] of all.entries()) expect(bytes.every((byte) => byte === index)).toBe(true);
  });

  it('should not be what an application gets, which may transfer its bytes', () => {
    const chunks: Uint8Array[] = [];
    of(requestBytes({}))
      .pipe(handleScgi(() => [{ body: 'hello' }]))
      .subscribe((chunk) => chunks.push(chunk));
    expect(chunks.map(({ buffer, length }) => buffer.byteLength - length)).toEqual([0]);
  });
});
