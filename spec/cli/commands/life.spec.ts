/** What a module exports beside its handler: `start()` and `stop()`, in one process and in workers. */
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestBytes } from '../../../lib/testing/index.js';
import { Command, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { TestGateway, cleanUpSockets, listening, temporaryFolder } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const LISTEN = ['--listen', '127.0.0.1:0', '--log', 'common'];

describe.each([
  ['one process', [], 1],
  ['two workers', ['--workers', '2'], 2],
])('start() and stop() of %s', (_what, workers, processes) => {
  const serve = (module: string, env = {}, listen = LISTEN): Command =>
    new Command(['serve', module, ...listen, ...workers], { env });

  it.each([
    ['Promises', 'life.mjs', {}],
    ['Observables', 'life.mjs', { START: 'observable', STOP: 'observable' }],
    ['neither', 'life.mjs', { START: 'sync', STOP: 'sync' }],
    ['neither, from CommonJS', 'life.cjs', {}],
  ])(
    'should be called before it listens and after it has drained, where they return %s',
    async (_kind, module, env) => {
      const command = serve(module, env);
      const address = await command.address();
      const { stdout: printed } = command;
      await printed.value(() => printed.values.length >= processes);
      expect(printed.values).toEqual(Array(processes).fill('start'));
      expect(await exchange(address)).toBe('200 alive');
      command.kill('SIGTERM');
      const { code, stdout } = await command.end();
      expect(stdout.filter((line) => /^st/.test(line))).toEqual([
        ...(Array(processes).fill('start') as string[]),
        ...(Array(processes).fill('stop') as string[]),
      ]);
      expect(code).toBe(0);
    },
  );

  it('should let streams end when it drains', async () => {
    const command = serve('drain.mjs');
    const gateway = await TestGateway.connect(await command.address());
    gateway.write(requestBytes());
    await gateway.received((text) => text.endsWith('held'));
    command.kill('SIGTERM');
    expect(await gateway.response()).toMatch(/held bye$/);
    const { code, stdout } = await command.end();
    expect(stdout.filter((line) => line === 'start draining')).toHaveLength(processes);
    expect(code).toBe(0);
  });

  it('should exit with 1 and one line when start() fails, without a call of stop()', async () => {
    const { code, stdout, stderr } = await serve('life.mjs', { START: 'fails' }).end();
    expect(stderr).toEqual([
      expect.stringMatching(/^rxscgi: life\.mjs: start\(\) failed: Error: no start \(life\.mjs:\d+:\d+\)$/),
    ]);
    expect(stdout).toEqual([]);
    expect(code).toBe(1);
  });

  it('should not listen before start() is done', async () => {
    const command = serve('life.mjs', { START: 'hangs' });
    await command.stdout.value((line) => line === 'start');
    command.kill('SIGTERM');
    const { code, stdout, stderr } = await command.end();
    expect(stderr.filter((line) => /listen/.test(line))).toEqual([]);
    expect(stdout).not.toContain('stop');
    expect(code).toBe(0);
  });

  it('should exit with 1 and a line when stop() fails', async () => {
    const command = serve('life.mjs', { STOP: 'fails' });
    await command.address();
    command.kill('SIGTERM');
    const { code, stderr } = await command.end();
    expect(stderr.at(-1)).toMatch(/^rxscgi: .*life\.mjs: stop\(\) failed: Error: no stop/);
    expect(code).toBe(1);
  });

  it('should not wait for stop() after a second signal', async () => {
    const command = serve('life.mjs', { STOP: 'hangs' });
    await command.address();
    command.kill('SIGTERM');
    await command.stdout.value((line) => line === 'stop');
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(143);
  });

  it('should call stop() as well when an address cannot be bound', async () => {
    const taken = await listening(createServer());
    const { code, stdout, stderr } = await serve('life.mjs', {}, ['--listen', taken]).end();
    // The other worker may have come so far that it has to drain.
    expect(stderr.at(-1)).toMatch(/in use/);
    expect(stdout).toContain('stop');
    expect(code).toBe(1);
  });
});

describe('a start that never ends', () => {
  it.each([
    ['start()', 'export const start = () => new Promise(() => undefined); export default () => [{}];'],
    ['an await at the top', 'await new Promise(() => undefined); export default () => [{}];'],
  ])('should exit with 1 and say so: %s', async (_what, line) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.mjs'), line);
    const { code, stderr } = await runCommand(['serve', 'a.mjs', ...LISTEN], { cwd });
    expect(stderr).toEqual([
      'rxscgi: nothing is left to wait for: start(), or a top-level await of the module, never ends',
    ]);
    expect(code).toBe(1);
  });
});

describe('what is exported as start or stop', () => {
  it.each([
    ['start', 'export const start = 1; export default () => [{}];', 'a number as start'],
    ['stop', 'export const stop = {}; export default () => [{}];', 'an object as stop'],
  ])('should be a function: %s', async (_name, line, found) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.mjs'), line);
    const { code, stderr } = await runCommand(['serve', 'a.mjs', ...LISTEN], { cwd });
    expect(stderr).toEqual([`rxscgi: a.mjs exports ${found}; it must be a function`]);
    expect(code).toBe(2);
  });
});
