/**
 * `rxscgi serve --workers`: a signal that is sent to all processes, as by a terminal and by service managers, is an orderly end with
 * exit code 0, whichever process gets it first and whatever each of them is doing. The states are those of `forkWorker`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, useBuiltCommand } from '../../helpers/command/command.js';
import { POLL_MS, childrenOf, gone, isRunning } from '../../helpers/command/running.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

function serve(module: string, workers: number, env: Readonly<Record<string, string>> = {}): Command {
  const args = ['serve', module, '--workers', String(workers), '--listen', '127.0.0.1:0'];
  return new Command(args, { env });
}

/** Waits until a process has a worker beside those that are known, which then still starts. */
async function newWorkerOf({ pid }: Command, known: readonly number[] = []): Promise<number> {
  for (;;) {
    for (const child of childrenOf(pid)) if (!known.includes(child) && isWorker(child)) return child;
    await delay(1);
  }
}

/** Not the shell that looks after the workers, and no longer a copy of the primary. */
function isWorker(pid: number): boolean {
  const variables = readFileSync(`/proc/${pid}/environ`, 'latin1');
  return variables.includes('NODE_UNIQUE_ID=');
}

/** Waits until a process has ended, though its parent does not know of it yet. */
async function ended(pid: number): Promise<void> {
  while (isRunning(pid) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1')))
    await delay(POLL_MS);
}

async function expectOrderlyEnd(command: Command): Promise<void> {
  const { code, signal, stderr } = await command.end();
  expect({ code, signal, last: stderr.at(-1) }).toEqual({ code: 0, signal: null, last: 'rxscgi: closed' });
}

// Elsewhere nothing tells which processes a process has started.
(existsSync('/proc/self/environ') ? describe : describe.skip)('a signal to all processes', () => {
  describe.each([
    ['starts', 'worker.mjs', undefined],
    ['is in start()', 'life.mjs', 'start'],
  ])('should be an orderly end when a worker that %s', (_state, module, line) => {
    async function aWorker(command: Command): Promise<number> {
      const worker = await newWorkerOf(command);
      if (line !== undefined) await command.stdout.value((each) => each === line);
      return worker;
    }

    it('gets it first, and has ended when the primary gets it', async () => {
      const command = serve(module, 1, { START: 'hangs' });
      const worker = await aWorker(command);
      process.kill(worker, 'SIGINT');
      // The primary has noticed that.
      await gone(worker);
      command.kill('SIGINT');
      await expectOrderlyEnd(command);
    });

    it('gets it while the primary is held up', async () => {
      const command = serve(module, 1, { START: 'hangs' });
      const worker = await aWorker(command);
      command.kill('SIGSTOP');
      process.kill(worker, 'SIGTERM');
      await ended(worker);
      command.kill('SIGTERM');
      command.kill('SIGCONT');
      await expectOrderlyEnd(command);
    });
  });

  it('should be an orderly end when a worker does not wait for an answer of the primary', async () => {
    const command = serve('faults/ends-binding.mjs', 1, { REFUSED: 'yes' });
    const worker = await newWorkerOf(command);
    command.kill('SIGSTOP');
    await command.stdout.value((line) => line === 'asked');
    await ended(worker);
    command.kill('SIGTERM');
    command.kill('SIGCONT');
    await expectOrderlyEnd(command);
  });

  it('should be an orderly end when workers have drained before the primary gets it', async () => {
    const command = serve('worker.mjs', 2);
    const workers = await command.workers(2);
    await command.address();
    command.kill('SIGSTOP');
    for (const worker of workers) {
      process.kill(worker, 'SIGINT');
      await ended(worker);
    }
    command.kill('SIGINT');
    command.kill('SIGCONT');
    await expectOrderlyEnd(command);
  });

  it('should be an orderly end whenever the workers get it after the primary', async () => {
    const command = serve('worker.mjs', 2);
    const workers = await command.workers(2);
    await command.address();
    command.kill('SIGINT');
    // Again and again, until they are gone: at each moment of their end.
    while (workers.some(isRunning)) {
      for (const worker of workers.filter(isRunning)) process.kill(worker, 'SIGINT');
      await delay(0);
    }
    await expectOrderlyEnd(command);
  });

  it('should be an orderly end while workers are replaced', async () => {
    const command = serve('worker.mjs', 2);
    const workers = await command.workers(2);
    await command.address();
    const before = childrenOf(command.pid);
    command.kill('SIGHUP');
    const next = await newWorkerOf(command, before);
    command.kill('SIGSTOP');
    for (const worker of [next, ...workers]) process.kill(worker, 'SIGTERM');
    for (const worker of [next, ...workers]) await ended(worker);
    command.kill('SIGTERM');
    command.kill('SIGCONT');
    await expectOrderlyEnd(command);
  });
});
