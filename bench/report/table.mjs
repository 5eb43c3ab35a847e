/** The rows of a report, as a table. */
import { formatTable } from '../shared/table.mjs';

const HEADING = ['what', 'metric', 'side', 'median', 'min', 'max', 'ratio (95 % interval)', 'bound', ''];
const NUMERIC = new Set([3, 4, 5]);
const SIGNS = { atMost: '≤', atLeast: '≥' };

/** Three significant digits: a benchmark knows no more. */
export function decimals(value) {
  const size = Math.abs(value);
  const places = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** @param rows - the rows of one benchmark. */
export function markdownTable(rows) {
  const lines = [HEADING];
  let above = {};
  for (const { what, metric, rows: group } of groups(rows)) {
    for (const line of linesOf(group)) {
      lines.push([above.what === what ? '' : what, above.metric === metric ? '' : metric, ...line]);
      above = { what, metric };
    }
    above = { what };
  }
  return formatTable(lines, { numeric: NUMERIC });
}

/** Groups the rows by metric. */
function groups(rows) {
  const found = new Map();
  for (const row of rows) {
    const { what, metric } = row;
    const key = JSON.stringify([what, metric]);
    if (!found.has(key)) found.set(key, { what, metric, rows: [] });
    found.get(key).rows.push(row);
  }
  return found.values();
}

/** Makes a line for each side. A comparison stands on the line of the side that occurs in fewer comparisons. */
function linesOf(rows) {
  const comparisons = rows.filter(({ sign }) => sign);
  const subjects = new Set(comparisons.map(({ side }) => side));
  const others = new Set(comparisons.map(({ other }) => other));
  const atOther = others.size > subjects.size;
  return rows
    .filter(({ sign }) => !sign)
    .flatMap((row) => {
      const figures = [row.side, ...[row.median, row.minimum, row.maximum].map(decimals)];
      const own = comparisons.filter(({ side, other }) => (atOther ? other : side) === row.side);
      if (own.length === 0) return [[...figures, '', ...boundCells(row)]];
      return own.map((comparison, index) => [
        ...(index === 0 ? figures : ['', '', '', '']),
        ...comparisonCells(comparison, atOther),
      ]);
    });
}

/** @param atOther - whether the line is that of the other side. */
export function comparisonCells(row, atOther = false) {
  const { side, sign, other, median, interval, bound, verdict } = row;
  const words = atOther ? `${side} ${sign} it` : `${sign} ${other}`;
  const format = sign === '÷' ? ratio : decimals;
  const [low, high] = interval.map(format);
  return [`${words}: ${format(median)} (${low} to ${high})`, ...boundCells({ bound, verdict })];
}

/** Three decimals: enough to see 1 %. */
export function ratio(value) {
  return value >= 10 ? decimals(value) : value.toFixed(3);
}

function boundCells({ bound, verdict }) {
  if (!bound) return ['', ''];
  const [kind] = Object.keys(bound);
  return [`${SIGNS[kind]} ${bound[kind]}`, verdict];
}
