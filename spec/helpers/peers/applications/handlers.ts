/** Handlers that several specs use. */
import { createHash } from 'node:crypto';
import { defer, map, reduce, type Observable } from 'rxjs';
import type { ScgiHandler } from '../../../../lib/index.js';

export interface Received {
  readonly bytes: number;
  /** The SHA-256 in hexadecimal. */
  readonly digest: string;
}

/** Answers with the size and the checksum of the upload, which it reads chunk by chunk. */
export const answerDigest: ScgiHandler = ({ body }) =>
  digestOf(body).pipe(map((received) => ({ body: JSON.stringify(received) })));

function digestOf(source: Observable<Uint8Array>): Observable<Received> {
  return defer(() => {
    const hash = createHash('sha256');
    return source.pipe(
      reduce((bytes, chunk) => {
        hash.update(chunk);
        return bytes + chunk.length;
      }, 0),
      map((bytes) => ({ bytes, digest: hash.digest('hex') })),
    );
  });
}
