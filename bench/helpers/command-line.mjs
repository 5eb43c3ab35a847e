/** Reads the arguments of `npm run bench`. */
import { parseArgs } from 'node:util';
import { PART_NAMES } from '../cases/compare.mjs';

/** The benchmarks, and about how many minutes each takes. */
const MINUTES = {
  decode: 7,
  encode: 2,
  client: 9,
  'behind-nginx': 29,
  direct: 11,
  gateway: 4,
  frameworks: 5,
  upload: 8,
  download: 10,
  'slow-consumer': 4,
  idle: 3,
  start: 1,
  growth: 8,
  workers: 2,
};
/** Benchmarks of functions; the others start programs that exchange requests. */
const MICRO = ['decode', 'encode'];
const COMPARE_MINUTES = { 'behind-nginx': 2, direct: 4, decode: 2 };
const NAMES = Object.keys(MINUTES);
const OPTIONS = {
  rounds: { type: 'string' },
  seconds: { type: 'string', default: '0.3' },
  case: { type: 'string', default: '' },
  json: { type: 'boolean', default: false },
  markdown: { type: 'boolean', default: false },
  'cpu-profile': { type: 'boolean', default: false },
  node: { type: 'string' },
  help: { type: 'boolean', default: false },
};
const USAGE = `npm run bench -- [NAME…] [--case TEXT] [--rounds N] [--seconds N] [--node PATH] [--json | --markdown] [--cpu-profile]
npm run bench -- compare A B [${PART_NAMES.join('] [')}] [the same options]
NAME is one of ${NAMES.join(', ')}`;

/**
 * @returns the names of the benchmarks, and the options of their scope; or `{ usage }` for `--help`.
 * @throws Error for arguments that make no sense.
 */
export function readArguments(args) {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) return { usage: USAGE };
  return {
    ...chosen(positionals),
    node: values.node,
    rounds: values.rounds === undefined ? undefined : positive('rounds', values.rounds, Number.isInteger),
    seconds: positive('seconds', values.seconds, Number.isFinite),
    only: values.case,
    json: values.json,
    markdown: values.markdown,
    cpuProfile: values['cpu-profile'],
  };
}

function chosen([first, ...others]) {
  if (first !== 'compare') return { names: known(NAMES, [first, ...others].filter(Boolean)) };
  const [A, B, ...parts] = others;
  if (B === undefined) throw new Error('compare takes two package folders');
  return { names: ['compare'], builds: [A, B], parts: known(PART_NAMES, parts) };
}

/** Returns the given names, or all when none is given. */
function known(all, names) {
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}; there are ${all.join(', ')}`);
  return names.length > 0 ? names : all;
}

function positive(name, text, accepts) {
  const value = Number(text);
  if (value > 0 && accepts(value)) return value;
  throw new Error(`--${name} takes a number above 0, not ${JSON.stringify(text)}`);
}

/** The folder that has a benchmark's file. */
export function folderOf(name) {
  return MICRO.includes(name) ? 'micro' : 'cases';
}

/** Estimates how long everything takes with the default number of rounds. */
export function minutesOf({ names, parts = [] }) {
  const times = names.map((name) => MINUTES[name] ?? 0).concat(parts.map((part) => COMPARE_MINUTES[part]));
  return times.reduce((sum, minutes) => sum + minutes, 0);
}
