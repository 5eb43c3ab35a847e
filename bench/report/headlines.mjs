/** The tables of BENCHMARKS.md: of all that was measured, what people ask for first. */
import { BARE } from '../helpers/peers.mjs';
import { GENERATIONS } from '../helpers/scope.mjs';
import { median } from '../shared/figures.mjs';
import { formatTable } from '../shared/table.mjs';
import { interval, paired, shares } from './statistics.mjs';
import { comparisonCells, decimals, ratio } from './table.mjs';

/** "Hello, world": a line for each side, a column for each of these. */
const COLUMNS = [
  { heading: 'behind nginx, Unix', benchmark: 'behind-nginx', what: 'Unix, c = 32' },
  { heading: 'behind nginx, TCP', benchmark: 'behind-nginx', what: 'TCP, c = 32' },
  { heading: 'direct, Unix', benchmark: 'direct', what: 'Unix, c = 32' },
  { heading: 'direct, TCP', benchmark: 'direct', what: 'TCP, c = 32' },
];
const RATE = 'requests/s';
const CPU = 'µs CPU / request';

/** Of the other benchmarks, the comparisons of these metrics, in all cases whose name matches. */
const COMPARED = [
  { benchmark: 'upload', metric: 'MiB/s' },
  { benchmark: 'upload', metric: 'peak RSS, MiB', what: /nginx/ },
  { benchmark: 'download', metric: 'MiB/s' },
  { benchmark: 'download', metric: 'peak RSS, MiB', what: /nginx/ },
  { benchmark: 'decode', metric: 'µs CPU', what: /^typical/ },
  { benchmark: 'encode', metric: 'µs CPU', what: /^(?:text|JSON)/ },
  { benchmark: 'client', metric: RATE, what: /c = 32/ },
  { benchmark: 'client', metric: CPU, what: /c = 32/ },
  { benchmark: 'client', metric: 'µs CPU', what: /^a response/ },
  { benchmark: 'gateway', metric: RATE, what: /Unix, c = 32/ },
  { benchmark: 'workers', metric: RATE },
  { benchmark: 'idle', metric: 'RSS, kB each' },
  { benchmark: 'start', metric: 'ms' },
];

/** @param rows - all rows of a report. @returns two tables, of what of them was measured. */
export function headlines(rows) {
  return [helloTable(rows), comparisonTable(rows)].filter(Boolean).join('\n\n');
}

/** The figures of each side as ratios to a server by hand. */
function helloTable(rows) {
  const measured = COLUMNS.filter(({ benchmark, what }) =>
    rows.some((row) => row.benchmark === benchmark && row.what === what),
  );
  if (measured.length === 0) return undefined;
  const heading = ['side', ...measured.flatMap(({ heading }) => [`${heading}: requests/s`, 'CPU each'])];
  const names = new Set();
  for (const column of measured)
    for (const { side } of rows.filter((row) => isOf(row, column))) names.add(side);
  const lines = [...names].map((name) => [
    name,
    ...measured.flatMap((column) => [RATE, CPU].map((metric) => cell(rows, column, metric, name))),
  ]);
  return formatTable([heading, ...lines]);
}

function cell(rows, column, metric, name) {
  const own = rows.filter((row) => isOf(row, column) && row.metric === metric);
  const side = own.find((row) => row.side === name && !row.sign);
  const base = own.find((row) => row.side === BARE && !row.sign);
  if (!side || !base) return '';
  if (side === base)
    return metric === RATE ? `1 (${decimals(base.median)}/s)` : `1 (${decimals(base.median)} µs)`;
  const ratios = paired(side.values, base.values, (a, b) => a / b);
  const [low, high] = interval(shares(ratios, GENERATIONS));
  return `${ratio(median(ratios))} (${ratio(low)} to ${ratio(high)})`;
}

/** A line for each comparison, with its bound. */
function comparisonTable(rows) {
  const lines = COMPARED.flatMap(({ benchmark, metric, what = /(?:)/ }) =>
    rows
      .filter(
        (row) => row.sign && row.benchmark === benchmark && row.metric === metric && what.test(row.what),
      )
      .map((row) => [benchmark, row.what, metric, row.side, ...comparisonCells(row)]),
  );
  if (lines.length === 0) return undefined;
  return formatTable([
    ['benchmark', 'case', 'metric', 'side', 'compared (95 % interval)', 'bound', ''],
    ...lines,
  ]);
}

function isOf(row, { benchmark, what }) {
  return row.benchmark === benchmark && row.what === what;
}
