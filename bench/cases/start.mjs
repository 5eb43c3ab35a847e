/** The time from starting a program to its first answer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BARE, BARE_WITH_RXJS } from '../helpers/peers.mjs';
import { typicalHead } from '../load/requests.mjs';
import { cpuOf } from '../helpers/cpu-of.mjs';

export const title = 'from the start of a program to its first answer';

const POLL_MS = 2;
const TIME_LIMIT_MS = 20_000;
const REQUEST = typicalHead();
const COMMAND = 'rxscgi serve';

const path = (file) => fileURLToPath(new URL(file, import.meta.url));
const SIDES = {
  [COMMAND]: (address) => [
    path('../../dist/esm/cli/main.js'),
    ...['serve', path('../peers/ours/hello-handler.mjs'), '--listen', address, '--log', 'off'],
  ],
  [BARE]: (address) => [path('../peers/by-hand/bare.mjs'), address],
  [BARE_WITH_RXJS]: (address) => [path('../peers/by-hand/bare-with-rxjs.mjs'), address],
};

export async function run(scope) {
  const what = 'first answer';
  if (!scope.begins(what)) return;
  const socketPath = `${scope.folder}/start.sock`;
  const measures = Object.entries(SIDES).map(([name, args]) => [name, () => timeToAnswer(args, socketPath)]);
  const { ms, cpu } = await scope.rounds(Object.fromEntries(measures));
  scope.report.add({ benchmark: scope.name, what, metric: 'ms' }, ms, [
    [COMMAND, '−', BARE, { atMost: 150 }],
    [COMMAND, '−', BARE_WITH_RXJS],
  ]);
  scope.report.add({ benchmark: scope.name, what, metric: 'ms CPU' }, cpu, [
    [COMMAND, '−', BARE],
    [COMMAND, '−', BARE_WITH_RXJS],
  ]);
}

async function timeToAnswer(args, socketPath) {
  const started = performance.now();
  const child = spawn(process.execPath, args(`unix:${socketPath}`), {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    while (!(await answers(socketPath))) {
      if (child.exitCode !== null || performance.now() > started + TIME_LIMIT_MS)
        throw new Error(`${args('')[0]} gave no answer`);
      await delay(POLL_MS);
    }
    return { ms: performance.now() - started, cpu: cpuOf(child.pid) / 1000 };
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(socketPath, { force: true });
  }
}

async function answers(socketPath) {
  const socket = connect(socketPath);
  socket.write(REQUEST);
  try {
    await once(socket, 'data');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
