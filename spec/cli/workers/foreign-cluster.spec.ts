/** `rxscgi serve` in a worker of another program's cluster, such as pm2's. */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, FIXTURES, useBuiltCommand } from '../../helpers/command/command.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { leaveStaleSocket } from '../../helpers/sockets/listening-log.js';
import { gone } from '../../helpers/command/running.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const TCP = '127.0.0.1:0';

describe("a worker of another program's cluster", () => {
  /** The address of a Unix socket that does not exist yet. */
  function newUnix(): string {
    return `unix:${join(temporaryFolder(), 'app.sock')}`;
  }

  /** Starts a primary that is not ours. @returns the ids of its two workers, once both listen. */
  async function fork(address: string, policy: string): Promise<{ command: Command; pids: number[] }> {
    const command = new Command(['serve', 'worker.mjs', '--listen', address, '--socket-mode', '640'], {
      main: 'fork.mjs',
      env: { WORKERS: '2', NODE_CLUSTER_SCHED_POLICY: policy },
    });
    await command.addresses(2);
    const pids = new Set<number>();
    while (pids.size < 2) pids.add(Number((await exchange(address)).slice(4)));
    return { command, pids: [...pids] };
  }

  it.each(['rr', 'none'])(
    'should share a Unix socket, and replace one that is left over from a crash (%s)',
    async (policy) => {
      const address = newUnix();
      const path = address.slice(5);
      await leaveStaleSocket(path);
      const { command, pids } = await fork(address, policy);
      expect(statSync(path).mode & 0o777).toBe(0o640);
      expect(readdirSync(dirname(path))).toEqual(['app.sock']);
      command.kill('SIGKILL');
      for (const pid of pids) await gone(pid);
      // The next one finds what the last one has left.
      const { ino } = statSync(path);
      await fork(address, policy);
      expect(statSync(path).ino).not.toBe(ino);
      expect(readdirSync(dirname(path))).toEqual(['app.sock']);
    },
  );

  it('should fail where another program listens', async () => {
    const address = newUnix();
    await new Command(['serve', 'worker.mjs', '--listen', address]).address();
    const other = new Command(['serve', 'worker.mjs', '--listen', address], { main: 'fork.mjs' });
    const { code, stderr } = await other.end();
    expect(stderr).toEqual([
      `rxscgi: cannot listen on ${address}: address in use: another program listens on ${address.slice(5)}`,
    ]);
    expect(code).toBe(1);
  });

  it('should not have workers of their own', () => {
    const args = ['serve', 'worker.mjs', '--workers', '2', '--listen', TCP];
    const { status, stderr } = spawnSync(process.execPath, ['fork.mjs', ...args], {
      cwd: FIXTURES,
      encoding: 'utf8',
    });
    expect(stderr).toBe(
      'rxscgi: --workers and --reload are not possible in a worker of another cluster; see rxscgi serve --help\n',
    );
    expect(status).toBe(2);
  });
});
