/** Verifies the units of examples/systemd, and runs their command. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, FIXTURES, useBuiltCommand } from '../helpers/command/command.js';
import { describeWith } from '../helpers/describe-with.js';
import { exchange } from '../helpers/sockets/exchange.js';
import { cleanUpSockets, temporaryFolder } from '../helpers/sockets/sockets.js';
import { NotifySocket, passingSockets } from '../helpers/command/systemd.js';

useBuiltCommand();
cleanUpSockets();

const ROOT = join(__dirname, '../..');
const UNITS = join(ROOT, 'examples/systemd');
const MAIN = join(ROOT, 'dist/esm/cli/main.js');
const PROGRAM = '/opt/app/node_modules/.bin/rxscgi';

/** Copies the units, with the path that the program has here. */
function copyUnits(): string {
  const folder = temporaryFolder();
  copyFileSync(join(UNITS, 'app.socket'), join(folder, 'app.socket'));
  const service = readFileSync(join(UNITS, 'app.service'), 'utf8');
  expect(service).toContain(`ExecStart=${PROGRAM} `);
  writeFileSync(join(folder, 'app.service'), service.replace(PROGRAM, MAIN));
  return folder;
}

function analyze(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync('systemd-analyze', args, { cwd: copyUnits(), encoding: 'utf8' });
}

/** Returns the value of a setting of app.service. */
function setting(name: string): string {
  const service = readFileSync(join(UNITS, 'app.service'), 'utf8');
  return service
    .split('\n')
    .find((line) => line.startsWith(`${name}=`))!
    .slice(name.length + 1);
}

describeWith(['systemd-analyze'], 'the units of examples/systemd', () => {
  it('should be valid', () => {
    const { status, stdout, stderr } = analyze(
      'verify',
      '--man=no',
      '--recursive-errors=no',
      './app.service',
      './app.socket',
    );
    expect(stdout + stderr).toBe('');
    expect(status).toBe(0);
  });

  it('should leave the service few privileges', () => {
    const { status, stdout } = analyze('security', '--offline=yes', '--threshold=20', './app.service');
    expect(stdout).toMatch(/Overall exposure level for app.service: 1\.\d OK/);
    expect(status).toBe(0);
  });
});

describeWith(['python3', 'systemd-notify'], 'the command of examples/systemd', () => {
  it('should serve the socket and notify systemd', async () => {
    const [program, ...args] = setting('ExecStart').split(' ');
    expect(program).toBe(PROGRAM);
    const notify = await NotifySocket.open();
    const address = `unix:${join(temporaryFolder(), 'app.sock')}`;
    const command = new Command(args, {
      cwd: FIXTURES,
      env: { NOTIFY_SOCKET: notify.path, WATCHDOG_USEC: '200000' },
      launcher: passingSockets({ web: address }),
    });
    await notify.message('READY=1');
    expect(await exchange(address, { uri: '/none' })).toBe('404 ');
    await notify.message('WATCHDOG=1');
    const [signal, pid] = setting('ExecReload').split(' ').slice(1);
    expect([signal, pid]).toEqual(['-HUP', '$MAINPID']);
    command.kill('SIGHUP');
    await notify.message('READY=1', 1);
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
    await notify.message('STOPPING=1');
  });
});
