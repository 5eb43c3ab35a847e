/** `rxscgi serve` as a service of systemd: sockets that are passed on, and what systemd is told. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { describeWith } from '../../helpers/describe-with.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { freePort } from '../../helpers/peers/free-port.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';
import { NotifySocket, passingSockets } from '../../helpers/command/systemd.js';

useBuiltCommand();
cleanUpSockets();

const IN_ONE_PROCESS: readonly string[] = [];
const BY_TWO_WORKERS = ['--workers', '2'];

describeWith(['python3'], 'the sockets that systemd passes on', () => {
  async function newSockets(): Promise<Record<'web' | 'local', string>> {
    const web = `127.0.0.1:${await freePort()}`;
    return { web, local: `unix:${join(temporaryFolder(), 'app.sock')}` };
  }

  describe.each([
    ['one process', IN_ONE_PROCESS],
    ['two workers', BY_TWO_WORKERS],
  ])('with %s', (_what, workers) => {
    const serve = (address: string, sockets: Readonly<Record<string, string>>): Command =>
      new Command(['serve', 'worker.mjs', '--listen', address, ...workers], {
        launcher: passingSockets(sockets),
      });

    it('should be all served, and stay where they are', async () => {
      const sockets = await newSockets();
      const command = serve('systemd', sockets);
      expect(await command.addresses(2)).toEqual(['fd:3', 'fd:4']);
      for (const address of Object.values(sockets)) expect(await exchange(address)).toMatch(/^200 \d+$/);
      command.kill('SIGTERM');
      expect((await command.end()).code).toBe(0);
      expect(existsSync(sockets.local.slice(5))).toBe(true);
    });

    it('should be served by name', async () => {
      const sockets = await newSockets();
      const command = serve('systemd:local', sockets);
      expect(await command.address()).toBe('fd:4');
      expect(await exchange(sockets.local)).toMatch(/^200 \d+$/);
      command.kill('SIGTERM');
      const { stderr } = await command.end();
      expect(stderr.filter((line) => line.includes('listening on'))).toEqual(['rxscgi: listening on fd:4']);
    });

    it('should exit with 2 when no socket has that name', async () => {
      const { code, stderr } = await serve('systemd:other', await newSockets()).end();
      expect(stderr).toEqual([
        'rxscgi: systemd has passed no socket named "other"; there are web, local; see rxscgi serve --help',
      ]);
      expect(code).toBe(2);
    });

    it('should exit with 2 when they are meant for another process', async () => {
      const env = { LISTEN_PID: '1', LISTEN_FDS: '1' };
      const { code, stderr } = await runCommand(['serve', 'worker.mjs', '--listen', 'systemd', ...workers], {
        env,
      });
      expect(stderr).toEqual([
        expect.stringMatching(/^rxscgi: systemd has passed no sockets to this process/),
      ]);
      expect(code).toBe(2);
    });
  });

  it('should be served by new workers after SIGHUP', async () => {
    const sockets = await newSockets();
    const command = new Command(['serve', 'worker.mjs', '--listen', 'systemd', ...BY_TWO_WORKERS], {
      launcher: passingSockets(sockets),
    });
    await command.addresses(2);
    command.kill('SIGHUP');
    await command.stderr.value((line) => line === 'rxscgi: all workers have been replaced');
    for (const address of Object.values(sockets)) expect(await exchange(address)).toMatch(/^200 \d+$/);
  });

  it('should be the end with 1 when the last worker dies that holds them', async () => {
    const command = new Command(['serve', 'worker.mjs', '--listen', 'systemd:web', '--workers', '1'], {
      launcher: passingSockets(await newSockets()),
    });
    const [pid] = await command.workers(1);
    process.kill(pid!, 'SIGKILL');
    const { code, stderr } = await command.end();
    expect(stderr.slice(-2)).toEqual([
      `rxscgi: worker ${pid} died: SIGKILL`,
      'rxscgi: no worker is left that holds the inherited sockets: start rxscgi again',
    ]);
    expect(code).toBe(1);
  });
});

describeWith(['python3', 'systemd-notify'], 'what systemd is told', () => {
  const serve = (notify: NotifySocket, workers: readonly string[], env = {}): Command =>
    new Command(['serve', 'worker.mjs', '--listen', '127.0.0.1:0', ...workers], {
      env: { NOTIFY_SOCKET: notify.path, ...env },
      launcher: passingSockets({}),
    });

  it.each([
    ['one process', IN_ONE_PROCESS],
    ['two workers', BY_TWO_WORKERS],
  ])('should be when it listens and when it stops: %s', async (_what, workers) => {
    const notify = await NotifySocket.open();
    const command = serve(notify, workers);
    expect(await notify.message('READY=1')).toMatchObject({ MAINPID: String(command.pid) });
    expect(await exchange(await command.address())).toMatch(/^200 /);
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
    await notify.message('STOPPING=1');
    expect(notify.states).toEqual(['READY', 'STOPPING']);
  });

  it('should be in the name of the command, where that is allowed', async () => {
    const notify = await NotifySocket.open();
    const command = serve(notify, IN_ONE_PROCESS);
    const { sender } = await notify.message('READY=1');
    if (process.getuid?.() === 0) expect(sender).toBe(command.pid);
    else expect(sender).not.toBe(command.pid);
  });

  it('should be not before start() is done', async () => {
    const notify = await NotifySocket.open();
    const command = new Command(['serve', 'life.mjs', '--listen', '127.0.0.1:0'], {
      env: { NOTIFY_SOCKET: notify.path, START: 'hangs' },
    });
    await command.stdout.value((line) => line === 'start');
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
    expect(notify.states).toEqual([]);
  });

  it('should be when the workers are being replaced, and when they are', async () => {
    const notify = await NotifySocket.open();
    const command = serve(notify, BY_TWO_WORKERS);
    const ready = await notify.message('READY=1');
    command.kill('SIGHUP');
    const reloading = await notify.message('RELOADING=1');
    const began = Number(reloading['MONOTONIC_USEC']);
    expect(began).toBeGreaterThan(ready.usec);
    expect(began).toBeLessThan(reloading.usec);
    await notify.message('READY=1', 1);
    expect(notify.states).toEqual(['READY', 'RELOADING', 'READY']);
  });

  it.each([
    ['one process', IN_ONE_PROCESS],
    ['two workers', BY_TWO_WORKERS],
  ])('should be, where it watches, that the command is alive: %s', async (_what, workers) => {
    const notify = await NotifySocket.open();
    const command = serve(notify, workers, { WATCHDOG_USEC: '200000' });
    const times: number[] = [];
    for (let count = 0; count < 3; count++) times.push((await notify.message('WATCHDOG=1', count)).usec);
    const { usec: readyUsec } = await notify.message('READY=1');
    // At half of the time, and not much sooner.
    expect(times[2]! - readyUsec).toBeGreaterThan(200_000);
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
  });

  it('should be notified by the primary alone', async () => {
    const notify = await NotifySocket.open();
    const command = serve(notify, BY_TWO_WORKERS);
    expect(await exchange(await command.address(), { uri: '/manager' })).toBe('200 "none"');
  });

  it('should be no reason to stop when it does not listen', async () => {
    const command = new Command(['serve', 'worker.mjs', '--listen', '127.0.0.1:0'], {
      env: { NOTIFY_SOCKET: join(temporaryFolder(), 'none') },
    });
    const address = await command.address();
    const line = await command.stderr.value((each) => each.includes('service manager'));
    expect(line).toMatch(/^rxscgi: cannot tell the service manager: .*No such file or directory/);
    expect(await exchange(address)).toMatch(/^200 /);
  });
});

describe('systemd-notify that is missing', () => {
  it('should be reported once, and no reason to stop', async () => {
    const command = new Command(['serve', 'worker.mjs', '--listen', '127.0.0.1:0'], {
      env: { NOTIFY_SOCKET: '/run/notify', PATH: temporaryFolder() },
    });
    const address = await command.address();
    const missing =
      'rxscgi: cannot tell the service manager: systemd-notify is not installed (Debian: the package systemd)';
    await command.stderr.value((line) => line === missing);
    expect(await exchange(address)).toMatch(/^200 /);
    command.kill('SIGTERM');
    const { code, stderr } = await command.end();
    expect(stderr.filter((line) => line === missing)).toHaveLength(1);
    expect(code).toBe(0);
  });
});
