/** The error of a parser that is called from inside one of its own events. */
import { ScgiUsageError } from './errors.js';

/** The rest of the chunk under way belongs before whatever its reader pushes: out of order, the message is another one. */
export function reentrant(): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_REENTRANT',
    'the source pushed a chunk, or ended, while the chunk before it was being delivered; ' +
      'let it push later, by observeOn(asapScheduler) for instance',
  );
}
