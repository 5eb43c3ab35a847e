/**
 * Endurance tests: does a server hold under load, faults and slow peers? One table shows what was measured and its bounds.
 *
 *     npm run soak                      all scenarios in full
 *     npm run soak -- --short           all scenarios, smaller
 *     npm run soak -- --brief           the same, and faults, sigterm and slow-reader smaller still
 *     npm run soak -- echo faults       some scenarios
 *     npm run soak -- --runtime bun     faults, sigterm and slow-reader, with the server on Bun, over rxscgi/bun
 *
 * Each scenario starts its server in a new process, and measures that process. All traffic is on loopback; nginx and lighttpd run
 * in temporary folders. A scenario whose web server is missing is listed as not run, or fails with RXSCGI_PEERS=required. The exit
 * code is 1 when a bound is broken. Memory figures are exact on Linux only; see bench/shared/memory.mjs.
 */
import { parseArgs } from 'node:util';
import { bunPath } from '../bench/shared/missing.mjs';
import { formatTable } from '../bench/shared/table.mjs';
import { ScenarioScope } from './helpers/scope.mjs';
import * as slowHandler from './scenarios/slow-handler.mjs';
import * as echo from './scenarios/echo.mjs';
import * as slowReader from './scenarios/slow-reader.mjs';
import * as slowLoris from './scenarios/slow-loris.mjs';
import * as idleConnections from './scenarios/idle-connections.mjs';
import * as goneClients from './scenarios/gone-clients.mjs';
import * as waitingLine from './scenarios/waiting-line.mjs';
import * as faults from './scenarios/faults.mjs';
import * as sigterm from './scenarios/sigterm.mjs';
import * as sighup from './scenarios/sighup.mjs';
import * as sigkill from './scenarios/sigkill.mjs';
import * as gateway from './scenarios/gateway.mjs';

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
  gateway,
};
const HEADING = ['scenario', 'what', 'measured', 'bound', ''];
/** A scenario that takes longer hangs. */
const TIME_LIMIT_MS = 600_000;

/** The scenarios that do not look into Node.js itself. */
const ON_BUN = ['faults', 'sigterm', 'slow-reader'];

const { values, positionals } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    brief: { type: 'boolean', default: false },
    runtime: { type: 'string', default: 'node' },
  },
  allowPositionals: true,
});
const { brief } = values;
const short = values.short || brief;
const runtimes = { node: () => process.execPath, bun: bunPath };
if (!(values.runtime in runtimes)) {
  console.error(`soak: --runtime takes node or bun, not ${values.runtime}`);
  process.exit(2);
}
const runtime = runtimes[values.runtime]();
const possible = values.runtime === 'bun' ? ON_BUN : Object.keys(SCENARIOS);
const names = positionals;
const unknown = names.filter((name) => !possible.includes(name));
if (unknown.length > 0) {
  console.error(`soak: there is no ${unknown.join(', ')}; there are ${possible.join(', ')}`);
  process.exit(2);
}
const started = performance.now();
const rows = [];
const durations = [];
for (const name of names.length > 0 ? names : possible) rows.push(...(await run(name)));
console.log(`\n${formatTable([HEADING, ...rows], { maxWidth: 64 })}\n`);

const failed = rows.filter((row) => row.at(-1) === 'FAIL').length;
const notRun = rows.filter((row) => row.at(-1) === 'not run').length;
const verdict = failed > 0 ? `${failed} FAILED` : 'all hold';
const missing = notRun > 0 ? `, ${notRun} not run` : '';
console.log(durations.join(', '));
console.log(
  `soak${brief ? ' (brief)' : short ? ' (short)' : ''}: ${verdict}${missing}, ${seconds(started)} s`,
);
process.exit(failed > 0 ? 1 : 0);

async function run(name) {
  const began = performance.now();
  const scope = new ScenarioScope(name, { short, brief, runtime }, (row) => console.error(row.join('  ')));
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
