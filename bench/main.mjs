/**
 * Benchmarks: the library against programs that do the same by hand or by other protocols, and against another build of
 * itself. The sides of a comparison run at the same time and take turns. Only their ratio counts: figures of different runs
 * or machines cannot be compared.
 *
 *     npm run bench                                  all benchmarks
 *     npm run bench -- decode idle                   some of them
 *     npm run bench -- behind-nginx --case 'Unix, c = 32'    only the cases whose name contains this text
 *     npm run bench -- compare ../before .           two builds: package folders, each after `npm run build`
 *     npm run bench -- compare ../before . direct    only this part of the comparison
 *     npm run bench -- decode --json                 every sample, for programs
 *     npm run bench -- --markdown                    the tables of BENCHMARKS.md
 *     npm run bench -- behind-nginx --cpu-profile    where the time goes, by function
 *
 * Options: --rounds N (at least 5 for a verdict), --seconds N (of load in a slice), --node PATH (another Node.js, for instance
 * from `npm install --prefix /tmp/node24 node@24`). Nothing is installed here; what is missing is named, with how to get it. All
 * traffic is on loopback. The tables are also written to bench/results.md. The exit code is 1 when a bound is missed. See
 * BENCHMARKS.md.
 */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { folderOf, minutesOf, readArguments } from './helpers/command-line.mjs';
import { environment } from './report/environment.mjs';
import { topFunctions } from './helpers/profile.mjs';
import { PROFILES } from './helpers/program.mjs';
import { headlines } from './report/headlines.mjs';
import { Report } from './report/report.mjs';
import { BenchmarkScope } from './helpers/scope.mjs';
import { markdownTable } from './report/table.mjs';
import { Missing } from './shared/missing.mjs';

const RESULTS = new URL('results.md', import.meta.url);

const options = read(process.argv.slice(2));
const report = new Report();
const failures = [];
const profiles = [];
const titles = {};
let current;
if (options.node !== undefined && options.node !== process.execPath) {
  await runOn(options.node);
} else {
  // Ctrl-C reaches the programs of a terminal by itself; other signals reach only this process.
  for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 })) {
    process.once(signal, () => current?.end(() => undefined).finally(() => process.exit(128 + number)));
  }
  const minutes = minutesOf(options);
  console.error(
    `bench: about ${minutes} minute${minutes === 1 ? '' : 's'} on two idle cores, longer on busy ones`,
  );
  for (const name of options.names) await measure(name);
  const text = options.json ? json() : tables();
  console.log(options.markdown ? page() : text);
  if (!options.json) {
    writeFileSync(RESULTS, `${text}\n`);
    console.error('bench: the tables are in bench/results.md, too');
  }
  process.exitCode = failures.length > 0 || report.broken.length > 0 ? 1 : 0;
}

function read(args) {
  try {
    const { usage, ...read } = readArguments(args);
    if (usage === undefined) return read;
    console.log(usage);
    return process.exit(0);
  } catch (error) {
    console.error(`bench: ${error.message}`);
    return process.exit(2);
  }
}

/** Runs this file with another Node.js, which then starts all programs, too. */
function runOn(node) {
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--node', node];
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`bench: ${node}: ${error.message}`);
      process.exitCode = 2;
      resolve();
    });
    child.once('exit', (code) => {
      process.exitCode = code ?? 1;
      resolve();
    });
  });
}

async function measure(name) {
  const scope = new BenchmarkScope(name, options, report);
  current = scope;
  try {
    if (!existsSync(new URL('../dist/esm/index.js', import.meta.url)))
      throw new Error('there is no build: npm run build');
    const { title, run } = await import(`./${folderOf(name)}/${name}.mjs`);
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
    await scope.end((error) => process.stderr.write(`${name}: ${error.stack}\n`));
    profiles.push(...scope.profiles);
  }
}

function json() {
  const { rows, missing } = report;
  const notMeasured = Object.fromEntries(missing);
  return JSON.stringify({ environment: environment(options), rows, notMeasured, failures }, null, 2);
}

/** What BENCHMARKS.md has of a run. */
function page() {
  const facts = Object.entries(environment(options)).map(([name, value]) => `${name} ${value}`);
  return [
    `One run, of ${new Date().toISOString().slice(0, 10)}: ${facts.join('; ')}.`,
    headlines(report.rows),
  ].join('\n\n');
}

function tables() {
  const { rows, missing } = report;
  const parts = [
    Object.entries(environment(options))
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
  ];
  for (const name of options.names) {
    const own = rows.filter(({ benchmark }) => benchmark === name);
    if (own.length > 0) parts.push(`### ${name}: ${titles[name]}`, markdownTable(own));
  }
  for (const [what, howToGet] of missing) parts.push(`not measured: ${what}; ${howToGet}`);
  for (const { benchmark, error } of failures) parts.push(`failed: ${benchmark}: ${error}`);
  if (profiles.length > 0) parts.push(topFunctions(PROFILES, profiles));
  const verdicts = rows.map(({ verdict }) => verdict).filter(Boolean);
  const count = (verdict) => `${verdicts.filter((each) => each === verdict).length} ${verdict}`;
  const counts = ['pass', 'miss', 'cannot tell'].map(count).join(', ');
  parts.push(`${verdicts.length} bounds: ${counts}; ${failures.length} benchmarks failed`);
  return parts.join('\n\n');
}
