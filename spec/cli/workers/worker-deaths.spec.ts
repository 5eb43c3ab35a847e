/** `rxscgi serve --workers`: workers that die, workers that are replaced, and workers without a primary. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { requestBytes } from '../../../lib/testing/index.js';
import { Command, useBuiltCommand } from '../../helpers/command/command.js';
import { describeWith } from '../../helpers/describe-with.js';
import { answerTo, exchange } from '../../helpers/sockets/exchange.js';
import { Load } from '../../helpers/sockets/load.js';
import { POLL_MS, childrenOf, gone, isRunning } from '../../helpers/command/running.js';
import { TestGateway, cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const TCP = '127.0.0.1:0';

function serve(address: string, workers: number): Command {
  return new Command(['serve', 'worker.mjs', '--workers', String(workers), '--listen', address]);
}

/** The address of a Unix socket that does not exist yet. */
function newUnix(): string {
  return `unix:${join(temporaryFolder(), 'app.sock')}`;
}

/** Asks a worker to do what it does not survive. */
async function crash(address: string): Promise<void> {
  const gateway = await TestGateway.connect(address);
  gateway.write(requestBytes({ uri: '/crash' }));
  await gateway.ending();
}

/** Waits until a process has a child beside those that are known; where the system does not tell, not at all. */
async function newChildOf(pid: number, known: readonly number[]): Promise<void> {
  while (known.length > 0 && childrenOf(pid).every((child) => known.includes(child))) await delay(1);
}

/** Sets how many files a process may have open. */
function limitOpenFiles({ pid }: Command, files: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}:`]);
}

describeWith(['prlimit'], 'a worker that cannot be started', () => {
  it('should be reported, and tried again later', async () => {
    const command = serve(TCP, 2);
    const address = await command.address();
    const [first] = await command.workers(2);
    limitOpenFiles(command, 3);
    process.kill(first!, 'SIGKILL');
    await command.stderr.value((line) =>
      /^rxscgi: a worker died: spawn .* EMFILE; restarting in 250 ms$/.test(line),
    );
    expect(await exchange(address)).toMatch(/^200 \d+$/);
    limitOpenFiles(command, 64);
    await command.workers(3);
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
  });

  it('should be no reload', async () => {
    const command = serve(TCP, 1);
    const address = await command.address();
    const [first] = await command.workers(1);
    limitOpenFiles(command, 3);
    command.kill('SIGHUP');
    await command.stderr.value((line) => /the workers were not replaced .*: spawn .* EMFILE$/.test(line));
    expect(await exchange(address)).toBe(`200 ${first}`);
    limitOpenFiles(command, 64);
    command.kill('SIGHUP');
    await command.stderr.value((line) => line === 'rxscgi: all workers have been replaced');
  });
});

describe('a worker that dies', () => {
  it.each(['TCP', 'Unix'])('should be replaced, and its siblings go on (%s)', async (transport) => {
    const command = serve(transport === 'TCP' ? TCP : newUnix(), 2);
    const address = await command.address();
    const [first, second] = await command.workers(2);
    process.kill(first!, 'SIGKILL');
    await command.stderr.value((line) => line === `rxscgi: worker ${first} died: SIGKILL; restarting`);
    expect(await exchange(address)).toMatch(/^200 \d+$/);
    const third = (await command.workers(3))[2];
    process.kill(second!, 'SIGKILL');
    await command.stderr.value((line) => line.startsWith(`rxscgi: worker ${second} died`));
    expect(await exchange(address)).toBe(`200 ${third}`);
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
  });

  it('should be replaced by one that listens again, when it was the only one', async () => {
    const command = serve(newUnix(), 1);
    const address = await command.address();
    await crash(address);
    await command.stderr.value((line) => /^rxscgi: worker \d+ died: exit code 3; restarting$/.test(line));
    const [, second] = await command.workers(2);
    expect(await exchange(address)).toBe(`200 ${second}`);
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
    expect(existsSync(address.slice(5))).toBe(false);
  });

  it('should be replaced later when it dies again', async () => {
    const command = serve(newUnix(), 1);
    const address = await command.address();
    await crash(address);
    await command.workers(2);
    await crash(address);
    await command.stderr.value((line) => line.endsWith('died: exit code 3; restarting in 250 ms'));
    const third = (await command.workers(3))[2];
    expect(await exchange(address)).toBe(`200 ${third}`);
  });

  it('should be noticed when it ends while it is handed a listening socket', async () => {
    const { code, stderr } = await new Command([
      'serve',
      'faults/ends-binding.mjs',
      '--workers',
      '1',
      '--listen',
      TCP,
    ]).end();
    expect(stderr).toEqual([expect.stringMatching(/^rxscgi: worker \d+ died: exit code 3$/)]);
    expect(code).toBe(1);
  });

  it('should not hold up the end while another worker starts in its place', async () => {
    const command = serve(TCP, 2);
    await command.address();
    const pids = await command.workers(2);
    const children = childrenOf(command.pid);
    process.kill(pids[0]!, 'SIGKILL');
    await newChildOf(command.pid, children);
    // It does not take messages yet.
    command.kill('SIGTERM');
    const { code, stderr } = await command.end();
    expect(stderr.at(-1)).toBe('rxscgi: closed');
    expect(code).toBe(0);
  });

  it('should be replaced after a drain when somebody has sent it SIGTERM', async () => {
    const command = serve(TCP, 1);
    const address = await command.address();
    const gateway = await TestGateway.connect(address);
    gateway.write(requestBytes({ method: 'POST', uri: '/text', body: 'all of it' }).subarray(0, -5));
    expect(await exchange(address)).toMatch(/^200 /);
    const [first] = await command.workers(1);
    process.kill(first!, 'SIGTERM');
    await command.stderr.value((line) => line.startsWith(`rxscgi: worker ${first} is draining`));
    gateway.write('of it');
    expect(await answerTo(gateway)).toBe('200 got all of it');
    await command.stderr.value((line) => line.startsWith(`rxscgi: worker ${first} died: it ended by itself`));
    await command.workers(2);
  });
});

describe('SIGHUP', () => {
  it.each(['TCP', 'Unix'])(
    'should replace all workers without refusing a connection (%s)',
    async (transport) => {
      const command = serve(transport === 'TCP' ? TCP : newUnix(), 2);
      const address = await command.address();
      const before = await command.workers(2);
      const load = new Load(() => exchange(address));
      await load.more(20);
      command.kill('SIGHUP');
      await command.stderr.value((line) => line === 'rxscgi: all workers have been replaced');
      for (const pid of before) await gone(pid);
      await load.more(20);
      await load.stop();
      expect(load.failures).toEqual([]);
      const after = (await command.workers(4)).slice(2);
      const known = [...before, ...after].map((pid) => `200 ${pid}`);
      expect(load.answers.filter((answer) => !known.includes(answer))).toEqual([]);
      expect(after.map((pid) => `200 ${pid}`)).toContain(load.answers.at(-1));
    },
  );

  it('should serve the current module', async () => {
    const cwd = temporaryFolder();
    const module = join(cwd, 'app.mjs');
    writeFileSync(module, "export default () => [{ body: 'old' }];");
    const command = new Command(['serve', 'app.mjs', '--workers', '2', '--listen', TCP], { cwd });
    const address = await command.address();
    expect(await exchange(address)).toBe('200 old');
    writeFileSync(module, "export default () => [{ body: 'new' }];");
    command.kill('SIGHUP');
    await command.stderr.value((line) => line === 'rxscgi: all workers have been replaced');
    for (const pid of (await command.workers(2)).slice(0, 2)) await gone(pid);
    expect(await exchange(address)).toBe('200 new');
  });

  it('should keep the old workers when the module does not load', async () => {
    const cwd = temporaryFolder();
    const module = join(cwd, 'app.mjs');
    writeFileSync(module, "export default () => [{ body: 'old' }];");
    const command = new Command(['serve', 'app.mjs', '--workers', '2', '--listen', TCP], { cwd });
    const address = await command.address();
    writeFileSync(module, 'export default 1;');
    command.kill('SIGHUP');
    const line = await command.stderr.value((each) => each.includes('not replaced'));
    expect(line).toMatch(/^rxscgi: the workers were not replaced and go on: app\.mjs has no handler/);
    expect(await exchange(address)).toBe('200 old');
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
  });

  it('should be ignored without workers, and say so', async () => {
    const command = new Command(['serve', 'worker.mjs', '--listen', TCP]);
    const address = await command.address();
    command.kill('SIGHUP');
    await command.stderr.value((line) => line.startsWith('rxscgi: SIGHUP was ignored'));
    expect(await exchange(address)).toMatch(/^200 /);
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
  });
});

describe('workers whose primary vanishes', () => {
  it('should finish what is under way, and end', async () => {
    const address = newUnix();
    const command = serve(address, 2);
    await command.address();
    const pids = await command.workers(2);
    const gateway = await TestGateway.connect(address);
    gateway.write(requestBytes({ method: 'POST', uri: '/text', body: 'all of it' }).subarray(0, -5));
    expect(await exchange(address)).toMatch(/^200 /);
    command.kill('SIGKILL');
    // They are gone when nobody holds the pipes any more; one of them waits for the rest of the body.
    while (pids.every(isRunning)) await delay(POLL_MS);
    gateway.write('of it');
    expect(await answerTo(gateway)).toBe('200 got all of it');
    for (const pid of pids) await gone(pid);
    // What is left over is replaced.
    expect(await exchange(await serve(address, 1).address())).toMatch(/^200 /);
  });
});
