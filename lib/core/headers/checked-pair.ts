/** Checks the pairs that fields and variables are given as. */
import { ScgiUsageError } from '../errors/errors.js';
import { quoted } from '../text/quoted.js';

/**
 * Returns a pair, if that is what it is. Text would pass for one, as it is iterable: `'Content-Type: text/html'` would be a
 * field `C` with the value `o`.
 *
 * @throws ScgiUsageError ERR_SCGI_HEADER_INVALID for anything but an array of two.
 */
export function checkedPair<Value>(pair: readonly [name: string, value: Value]): readonly [string, Value] {
  if (Array.isArray(pair) && (pair.length as number) === 2) return pair;
  throw new ScgiUsageError(
    'ERR_SCGI_HEADER_INVALID',
    `${quoted(pair)} is not a pair: give ['name', 'value'], or an object { name: 'value' }`,
  );
}
