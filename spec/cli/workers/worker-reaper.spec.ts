import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { WorkerReaper } from '../../../lib/cli/workers/worker-reaper.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { Command, useBuiltCommand } from '../../helpers/command/command.js';
import { gone, isRunning } from '../../helpers/command/running.js';
import { TestGateway, afterwards, cleanUpSockets } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

/** A process that does not listen to anybody. */
function stuckProcess(): { pid: number; ended: Promise<unknown> } {
  const child = spawn(process.execPath, [
    '-e',
    'for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
  ]);
  afterwards(() => child.kill('SIGKILL'));
  return { pid: child.pid as number, ended: once(child, 'exit') };
}

describe('WorkerReaper', () => {
  it('should kill the processes that it watches at the deadline, and no others', async () => {
    const [watched, forgotten, unknown] = [stuckProcess(), stuckProcess(), stuckProcess()];
    const reaper = new WorkerReaper(10);
    for (const { pid } of [watched, forgotten]) reaper.watch(pid);
    reaper.forget(forgotten.pid);
    reaper.close();
    expect(await watched.ended).toEqual([null, 'SIGKILL']);
    expect([forgotten, unknown].map(({ pid }) => isRunning(pid))).toEqual([true, true]);
  });

  it('should kill nobody without a deadline', () => {
    const reaper = new WorkerReaper(Infinity);
    reaper.watch(stuckProcess().pid);
    reaper.close();
    expect(Reflect.get(reaper, 'shell')).toBeUndefined();
  });

  it('should end workers in an endless loop whose primary has vanished', async () => {
    const args = [
      'serve',
      'worker.mjs',
      '--listen',
      '127.0.0.1:0',
      '--workers',
      '2',
      '--drain-timeout-ms',
      '1',
    ];
    const command = new Command(args);
    const address = await command.address();
    const pids = await command.workers(2);
    const gateway = await TestGateway.connect(address);
    gateway.write(requestBytes({ uri: '/stuck' }));
    await command.stderr.value((line) => line === 'stuck');
    command.kill('SIGKILL');
    for (const pid of pids) await gone(pid);
  });
});
