/**
 * SIGKILL to one of two workers under load through nginx: every GET is answered, because nginx tries those that the worker had
 * once more (`scgi_next_upstream`), and the worker is replaced within 2 s.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startCommand } from '../helpers/command.mjs';
import { ms } from '../helpers/figures.mjs';
import { Load } from '../load/load.mjs';

const WORKERS = 2;
const CLIENTS = 20;
const STEADY_MS = 1000;
const BACK_WITHIN_MS = 2000;
const GIVE_UP_MS = 15_000;

export async function run(scope) {
  const times = scope.short ? 1 : 2;
  if (!scope.needs('nginx', `SIGKILL of one worker of ${WORKERS}`)) return;
  await kill(scope, 'TCP', times);
  await kill(scope, 'Unix', times, scope.address('unix'));
}

async function kill(scope, transport, times, address) {
  const command = await startCommand(scope, ['--workers', String(WORKERS)], {}, address);
  // The same address twice, because nginx tries each peer once.
  const nginx = await scope.nginx([command.address, command.address], ['scgi_next_upstream error timeout;']);
  const load = new Load(nginx.url, CLIENTS);
  const backs = [];
  for (let i = 0; i < times; i++) {
    await delay(STEADY_MS);
    // Behind the pause, so that both have answered lately even if the machine has just stood still.
    await load.until(() => load.since(performance.now() - STEADY_MS).length === WORKERS, GIVE_UP_MS);
    const known = [...load.processes.keys()];
    const [victim] = load.since(performance.now() - STEADY_MS);
    const at = performance.now();
    process.kill(victim, 'SIGKILL');
    const isNew = (pid) => !known.includes(pid);
    const back = await load.until(() => load.since(at).some(isNew), GIVE_UP_MS);
    backs.push(back ? performance.now() - at : Infinity);
  }
  await load.stop();
  command.kill('SIGTERM');
  const code = await command.exit;
  if (load.failed.length > 0)
    console.error(load.failed.slice(0, 20).join('\n'), load.failed.length, command.stderr());
  const slowest = Math.max(...backs);
  // nginx logs each request that it sends to another peer.
  const retried = nginx
    .errorLog()
    .split('\n')
    .filter((line) => line.includes('[error]')).length;
  scope.checkAll(`${transport}: ${times} x SIGKILL of one worker of ${WORKERS}`, [
    [
      `${load.failed.length} of ${load.total} GETs failed ${load.failed[0] ?? ''}`,
      '0',
      load.failed.length === 0,
    ],
    [`${retried} retried`, `>= ${times}`, retried >= times],
    [`back after ${ms(slowest)}`, ms(BACK_WITHIN_MS), slowest <= BACK_WITHIN_MS],
    [`exit ${code}`, '0', code === 0],
  ]);
}
