/** A response body of 1 GiB, made chunk by chunk as it is read: speed and peak memory. */
import { runTransfers } from '../load/transfer.mjs';

export const title = 'a response body of 1 GiB';

export const run = (scope) => runTransfers(scope, 'download');
