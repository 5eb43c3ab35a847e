/** The errors of a parser that is not used as it must be. */
import { quotedChunk } from '../text/quoted.js';
import { ScgiUsageError } from './errors.js';

/** The rest of the chunk under way belongs before whatever its reader pushes: out of order, the message is another one. */
export function reentrant(): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_REENTRANT',
    'the source pushed a chunk, or ended, while the chunk before it was being delivered; ' +
      'let it push later, by observeOn(asapScheduler) for instance',
  );
}

/** Text, an ArrayBuffer or anything else that is not bytes: the fault of the code that reads the connection, not of the peer. */
export function notBytes(chunk: unknown): TypeError {
  return new TypeError(`the source pushed ${quotedChunk(chunk)}; its chunks must be Uint8Arrays`);
}
