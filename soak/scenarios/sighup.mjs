/**
 * SIGHUP to `rxscgi serve --workers 2` under load through nginx: the workers are replaced, and no request fails. nginx does not
 * try anything twice here, so that it hides no failure.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startCommand } from '../helpers/command.mjs';
import { ms } from '../helpers/figures.mjs';
import { Load } from '../load/load.mjs';

const WORKERS = 2;
const CLIENTS = 20;
const STEADY_MS = 1000;
const REPLACED_WITHIN_MS = 15_000;

export async function run(scope) {
  const times = scope.short ? 1 : 4;
  if (!scope.needs('nginx', `SIGHUP with ${WORKERS} workers`)) return;
  await replace(scope, 'TCP', times);
  await replace(scope, 'Unix', times, scope.address('unix'));
}

async function replace(scope, transport, times, address) {
  const command = await startCommand(scope, ['--workers', String(WORKERS)], {}, address);
  const { url } = await scope.nginx(command.address, ['scgi_next_upstream off;']);
  const load = new Load(url, CLIENTS);
  const replacements = [];
  for (let i = 0; i < times; i++) {
    await load.until(() => load.since(performance.now() - STEADY_MS).length === WORKERS, REPLACED_WITHIN_MS);
    await delay(STEADY_MS);
    const old = [...load.processes.keys()];
    const at = performance.now();
    command.kill('SIGHUP');
    const isNew = (pid) => !old.includes(pid);
    const replaced = await load.until(() => {
      const recent = load.since(performance.now() - STEADY_MS);
      return recent.length === WORKERS && recent.every(isNew);
    }, REPLACED_WITHIN_MS);
    replacements.push(replaced ? performance.now() - at : Infinity);
  }
  await load.stop();
  command.kill('SIGTERM');
  const code = await command.exit;
  if (load.failed.length > 0)
    console.error(load.failed.slice(0, 20).join('\n'), load.failed.length, command.stderr());
  scope.checkAll(`${transport}: ${times} x SIGHUP with ${WORKERS} workers`, [
    [
      `${load.failed.length} of ${load.total} requests failed ${load.failed[0] ?? ''}`,
      '0',
      load.failed.length === 0,
    ],
    [
      `replaced within ${ms(Math.max(...replacements))}`,
      ms(REPLACED_WITHIN_MS),
      replacements.every(Number.isFinite),
    ],
    [`exit ${code}`, '0', code === 0],
  ]);
}
