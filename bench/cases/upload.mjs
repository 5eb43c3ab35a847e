/** A request body of 1 GiB, which the application counts: speed and peak memory. */
import { runTransfers } from '../load/transfer.mjs';

export const title = 'a request body of 1 GiB';

export const run = (scope) => runTransfers(scope, 'upload');
