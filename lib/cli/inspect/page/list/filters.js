/** Chooses exchanges by path, status, duration, and by what happened to them. */
import { endOf, hasClientLeft, hasFailed } from '../exchanges/exchange.js';

const ONLY = {
  errors: hasFailed,
  braked: ({ inputPaused, outputPaused }) => inputPaused.length + outputPaused.length > 0,
  left: hasClientLeft,
  open: ({ closedAt }) => closedAt === undefined,
};

/**
 * Makes a test for exchanges.
 *
 * @param filter - `path`: a part of `METHOD path`, in any case; `status`: `200`, `4` (4xx) or `none`; `minMs`: milliseconds;
 * `only`: `errors`, `braked`, `left` or `open`. An empty one allows all.
 */
export function filterOf({ path = '', status = '', minMs = 0, only = '' }) {
  const part = path.trim().toLowerCase();
  return (exchange, now) =>
    (part === '' || `${exchange.method} ${exchange.path}`.toLowerCase().includes(part)) &&
    hasStatus(exchange.status, status) &&
    endOf(exchange, now) - exchange.openAt >= minMs &&
    (!Object.hasOwn(ONLY, only) || ONLY[only](exchange));
}

function hasStatus(status, wanted) {
  if (wanted === '') return true;
  if (wanted === 'none') return status === undefined;
  return status !== undefined && String(status).startsWith(wanted);
}
