/** A response with a body of 1 GiB, made chunk by chunk as the other side takes it: speed, and the most memory. */
import { runTransfers } from './helpers/transfer.mjs';

export const title = 'a response body of 1 GiB';

export const run = (scope) => runTransfers(scope, 'download');
