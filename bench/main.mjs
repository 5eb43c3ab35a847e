/**
 * Benchmarks: how fast the library is, against programs that do the same by hand or by other protocols. Both sides run in
 * the same rounds, alternating, and what counts is their ratio: figures of different runs or machines do not compare.
 *
 *     npm run bench                                  everything; takes its time
 *     npm run bench -- decode idle                   some benchmarks
 *     npm run bench -- decode --json                 for programs: every sample
 *     npm run bench -- behind-nginx --case 'Unix, c = 32'    of a benchmark, the cases whose name has this in it
 *     npm run bench -- behind-nginx --cpu-profile    where the time goes, by function
 *
 * Options: --rounds N (at least 5 make a figure), --seconds N (of load in a round). Nothing is installed: what is missing is
 * named, with how to get it. All traffic is on loopback. Exit code 1 when a bound is missed. docs: BENCHMARKS.md.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { environment } from './helpers/environment.mjs';
import { Missing } from './helpers/missing.mjs';
import { topFunctions } from './helpers/profile.mjs';
import { PROFILES } from './helpers/program.mjs';
import { Report } from './helpers/report.mjs';
import { Scope } from './helpers/scope.mjs';
import { markdownTable } from './helpers/table.mjs';

const NAMES = [
  'decode',
  'encode',
  'behind-nginx',
  'direct',
  'upload',
  'download',
  'slow-consumer',
  'idle',
  'start',
  'growth',
  'workers',
];
const OPTIONS = {
  rounds: { type: 'string', default: '9' },
  seconds: { type: 'string', default: '1' },
  case: { type: 'string', default: '' },
  json: { type: 'boolean', default: false },
  'cpu-profile': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

const { names, options } = read(process.argv.slice(2));
const report = new Report();
const failures = [];
const profiles = [];
const titles = {};
let current;
// Programs of a terminal get its Ctrl-C by themselves; from elsewhere, nobody else would end them.
for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 })) {
  process.once(signal, () => current?.end().finally(() => process.exit(128 + number)));
}
for (const name of names) await measure(name);
print();
process.exitCode = failures.length > 0 || report.broken.length > 0 ? 1 : 0;

function read(args) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    if (values.help)
      quit(0, `npm run bench -- [NAME…] [--case TEXT] [--rounds N] [--seconds N] [--json] [--cpu-profile]`);
    const unknown = positionals.filter((name) => !NAMES.includes(name));
    if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}`);
    return {
      names: positionals.length > 0 ? positionals : NAMES,
      options: {
        rounds: positive('rounds', values.rounds),
        seconds: positive('seconds', values.seconds),
        only: values.case,
        json: values.json,
        cpuProfile: values['cpu-profile'],
      },
    };
  } catch (error) {
    return quit(2, `bench: ${error.message}; there are ${NAMES.join(', ')}`);
  }
}

function positive(name, text) {
  const value = Number(text);
  if (value > 0 && (name === 'seconds' || Number.isInteger(value))) return value;
  throw new Error(`--${name} takes a number above 0, not ${JSON.stringify(text)}`);
}

function quit(code, text) {
  if (code === 0) console.log(text);
  else console.error(text);
  process.exit(code);
}

async function measure(name) {
  const scope = new Scope(name, options, report);
  current = scope;
  try {
    if (!existsSync(new URL('../dist/esm/index.js', import.meta.url)))
      throw new Error('there is no build: npm run build');
    const { title, run } = await import(`./${name}.mjs`);
    titles[name] = title;
    await run(scope);
  } catch (error) {
    if (error instanceof Missing) {
      report.miss(name, error.howToGet);
      return;
    }
    failures.push({ benchmark: name, error: error.message });
    process.stderr.write(`${name}: ${error.stack}\n`);
  } finally {
    await scope.end();
    profiles.push(...scope.profiles);
  }
}

function print() {
  const { rows, missing } = report;
  if (options.json) {
    const notMeasured = Object.fromEntries(missing);
    console.log(JSON.stringify({ environment: environment(options), rows, notMeasured, failures }, null, 2));
    return;
  }
  const facts = environment(options);
  console.log(
    Object.entries(facts)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
  );
  for (const name of names) {
    const own = rows.filter(({ benchmark }) => benchmark === name);
    if (own.length > 0) console.log(`\n### ${name}: ${titles[name]}\n\n${markdownTable(own)}`);
  }
  for (const [what, howToGet] of missing) console.log(`\nnot measured: ${what}; ${howToGet}`);
  for (const { benchmark, error } of failures) console.log(`\nfailed: ${benchmark}: ${error}`);
  if (profiles.length > 0) console.log(`\n${topFunctions(PROFILES, profiles)}`);
  const judged = rows.filter(({ verdict }) => verdict);
  console.log(
    `\n${judged.length} bounds, ${report.broken.length} missed, ${failures.length} benchmarks failed`,
  );
}
