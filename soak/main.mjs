/**
 * Endurance: whether a server holds under load, faults and slow peers. The figures that must hold are written beside what
 * was measured, in one table.
 *
 *     npm run soak                      everything, in full
 *     npm run soak -- --short           everything, smaller, within 4 minutes
 *     npm run soak -- echo faults       some scenarios
 *
 * Each scenario runs its server in a process of its own, and measures that. Everything is on loopback; nginx and lighttpd are
 * started for a scenario, in a temporary folder. Where one is missing, what needs it is named as not run, and is a
 * failure with RXSCGI_PEERS=required. Exit code 1 when a bound is broken. Linux is where figures are exact; see memory.mjs.
 */
import { formatTable } from '../bench/shared/table.mjs';
import { ScenarioScope } from './helpers/scope.mjs';
import * as slowHandler from './slow-handler.mjs';
import * as echo from './echo.mjs';
import * as slowReader from './slow-reader.mjs';
import * as slowLoris from './slow-loris.mjs';
import * as idleConnections from './idle-connections.mjs';
import * as goneClients from './gone-clients.mjs';
import * as waitingLine from './waiting-line.mjs';
import * as faults from './faults.mjs';
import * as sigterm from './sigterm.mjs';
import * as sighup from './sighup.mjs';
import * as sigkill from './sigkill.mjs';

const SCENARIOS = {
  'slow-handler': slowHandler,
  echo,
  'slow-reader': slowReader,
  'slow-loris': slowLoris,
  'idle-connections': idleConnections,
  'gone-clients': goneClients,
  'waiting-line': waitingLine,
  faults,
  sigterm,
  sighup,
  sigkill,
};
const HEADING = ['scenario', 'what', 'measured', 'bound', ''];
/** For one scenario: beyond, something hangs. */
const TIME_LIMIT_MS = 600_000;

const names = process.argv.slice(2).filter((argument) => argument !== '--short');
const unknown = names.filter((name) => !(name in SCENARIOS));
if (unknown.length > 0) {
  console.error(`soak: there is no ${unknown.join(', ')}; there are ${Object.keys(SCENARIOS).join(', ')}`);
  process.exit(2);
}
const short = process.argv.includes('--short');
const started = performance.now();
const rows = [];
const durations = [];
for (const name of names.length > 0 ? names : Object.keys(SCENARIOS)) rows.push(...(await run(name)));
console.log(`\n${formatTable([HEADING, ...rows], { maxWidth: 64 })}\n`);

const failed = rows.filter((row) => row.at(-1) === 'FAIL').length;
const notRun = rows.filter((row) => row.at(-1) === 'not run').length;
const verdict = failed > 0 ? `${failed} FAILED` : 'all hold';
const missing = notRun > 0 ? `, ${notRun} not run` : '';
console.log(durations.join(', '));
console.log(`soak${short ? ' (short)' : ''}: ${verdict}${missing}, ${seconds(started)} s`);
process.exit(failed > 0 ? 1 : 0);

async function run(name) {
  const began = performance.now();
  const scope = new ScenarioScope(name, short, (row) => console.error(row.join('  ')));
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over within ${TIME_LIMIT_MS} ms`)), TIME_LIMIT_MS);
  });
  await scope.attempt('the scenario itself', () => Promise.race([SCENARIOS[name].run(scope), limit]));
  clearTimeout(timer);
  await scope.end((error) => scope.check('cleaning up', error.message, '', false));
  durations.push(`${name} ${seconds(began)} s`);
  console.error(`${durations.at(-1)}\n`);
  return scope.rows;
}

function seconds(since) {
  return ((performance.now() - since) / 1000).toFixed(0);
}
