/** `rxscgi serve --workers`: how the processes share their addresses, and how they begin and end. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { requestBytes } from '../../../lib/testing/index.js';
import { Command, runCommand, useBuiltCommand, type CommandOptions } from '../../helpers/command/command.js';
import { answerTo, exchange } from '../../helpers/sockets/exchange.js';
import { leaveStaleSocket } from '../../helpers/sockets/listening-log.js';
import { TestGateway, cleanUpSockets, listening, temporaryFolder } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

function serve(listen: readonly string[], more: readonly string[] = [], options?: CommandOptions): Command {
  const addresses = listen.flatMap((address) => ['--listen', address]);
  return new Command(['serve', 'worker.mjs', '--workers', '2', ...addresses, ...more], options);
}

/** The path of a socket that does not exist yet. */
function newPath(): string {
  return join(temporaryFolder(), 'app.sock');
}

/** Asks until all of these workers have answered. */
async function expectAnswersFrom(address: string, pids: readonly number[]): Promise<void> {
  const missing = new Set(pids);
  while (missing.size > 0) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(address)));
    for (const answer of answers) {
      expect(pids.map((pid) => `200 ${pid}`)).toContain(answer);
      missing.delete(Number(answer.slice(4)));
    }
  }
}

/** A request whose body is half sent; the worker that has it answers when it has all. */
async function halfARequest(address: string): Promise<TestGateway> {
  const gateway = await TestGateway.connect(address);
  gateway.write(requestBytes({ method: 'POST', uri: '/text', body: 'all of it' }).subarray(0, -5));
  return gateway;
}

describe('rxscgi serve --workers', () => {
  describe('the addresses', () => {
    it.each([
      ['TCP', () => '127.0.0.1:0'],
      ['IPv6', () => '[::1]:0'],
      ['both', () => 'localhost:0'],
      ['Unix', () => `unix:${newPath()}`],
      ['abstract Unix', () => `unix:@rxscgi-${process.pid}-${Date.now()}`],
    ])('should be shared: %s', async (_kind, address) => {
      const command = serve([address()]);
      const bound = await command.address();
      await expectAnswersFrom(bound, await command.workers(2));
    });

    it('should be all shared, and logged once', async () => {
      const command = serve(['127.0.0.1:0', '127.0.0.1:0', `unix:${newPath()}`]);
      const addresses = await command.addresses(3);
      expect(new Set(addresses).size).toBe(3);
      const pids = await command.workers(2);
      for (const address of addresses) await expectAnswersFrom(address, pids);
      command.kill('SIGTERM');
      const { stderr } = await command.end();
      expect(stderr.filter((line) => line.includes('listening on'))).toHaveLength(3);
    });

    it.each([
      [[], 0o600],
      [['--socket-mode', '660'], 0o660],
    ])(
      'should have the permissions of a Unix socket, and nothing beside it, with %j',
      async (options, mode) => {
        const path = newPath();
        await serve([`unix:${path}`], options).address();
        expect(statSync(path).mode & 0o777).toBe(mode);
        expect(readdirSync(join(path, '..'))).toEqual(['app.sock']);
      },
    );

    it('should be paths seen from the current folder', async () => {
      const cwd = temporaryFolder();
      const command = new Command(
        ['serve', join(__dirname, '../fixtures/worker.mjs'), '--workers', '2', '--listen', 'unix:app.sock'],
        { cwd },
      );
      expect(await command.address()).toBe('unix:app.sock');
      expect(await exchange(`unix:${join(cwd, 'app.sock')}`)).toMatch(/^200 \d+$/);
    });

    it('should replace a Unix socket that is left over from a crash', async () => {
      const path = newPath();
      await leaveStaleSocket(path);
      expect(await exchange(await serve([`unix:${path}`]).address())).toMatch(/^200 \d+$/);
    });
  });

  describe('a start that fails', () => {
    it.each(['TCP', 'Unix'] as const)(
      'should be one line and exit code 1 when %s is in use',
      async (transport) => {
        const taken = await listening(createServer(), transport);
        const { code, stdout, stderr } = await serve(['127.0.0.1:0', taken]).end();
        expect(stderr).toEqual([expect.stringMatching(/^rxscgi: .*in use/)]);
        expect(stderr[0]).toContain(taken.replace('unix:', ''));
        expect(stdout).toEqual([]);
        expect(code).toBe(1);
        if (transport === 'Unix') expect(readdirSync(join(taken.slice(5), '..'))).toEqual(['socket']);
      },
    );

    it('should be one line and exit code 1 when there is no folder for a socket', async () => {
      const folder = join(temporaryFolder(), 'none');
      const { code, stderr } = await serve([`unix:${folder}/app.sock`]).end();
      expect(stderr).toEqual([
        `rxscgi: cannot listen on unix:${folder}/app.sock: the folder ${folder} does not exist`,
      ]);
      expect(code).toBe(1);
    });

    it.each([
      ['there is no such module', 'none.mjs', {}, 2, /^rxscgi: none\.mjs does not exist/],
      [
        'start() fails',
        'life.mjs',
        { START: 'fails' },
        1,
        /^rxscgi: life\.mjs: start\(\) failed: Error: no start/,
      ],
    ])(
      'should be one line, from all workers together, when %s',
      async (_why, module, env, expected, line) => {
        const args = ['serve', module, '--workers', '3', '--listen', '127.0.0.1:0'];
        const { code, stdout, stderr } = await runCommand(args, { env });
        expect(stderr).toEqual([expect.stringMatching(line)]);
        expect(stdout).toEqual([]);
        expect(code).toBe(expected);
      },
    );
  });

  describe('the number', () => {
    it('should be that of the cores with auto', async () => {
      const args = ['serve', 'worker.mjs', '--listen', '127.0.0.1:0', '--workers', 'auto'];
      const command = new Command(args);
      await command.workers(availableParallelism());
      await command.address();
      command.kill('SIGTERM');
      const { stderr } = await command.end();
      expect(stderr.filter((line) => line.endsWith(' listens'))).toHaveLength(availableParallelism());
    });

    it.each(['0', '-1', '1.5', '1025', 'two', '2x'])('should not be %s', async (number) => {
      const { code, stderr } = await runCommand([
        ...['serve', 'worker.mjs', '--listen', '127.0.0.1:0'],
        `--workers=${number}`,
      ]);
      const shown = JSON.stringify(number);
      expect(stderr).toEqual([
        `rxscgi: --workers takes a number, 1 to 1024, or auto, not ${shown}; see rxscgi serve --help`,
      ]);
      expect(code).toBe(2);
    });
  });

  describe('on a signal', () => {
    it.each(['SIGTERM', 'SIGINT'] as const)('should drain on %s, and exit with 0', async (signal) => {
      const path = newPath();
      const command = serve([`unix:${path}`]);
      const address = await command.address();
      const gateways = [await halfARequest(address), await halfARequest(address)];
      await expectAnswersFrom(address, await command.workers(2));
      command.kill(signal);
      await command.stderr.value((line) => line === 'rxscgi: draining 2 workers');
      await expect(TestGateway.connect(address)).rejects.toThrow(/ENOENT/);
      for (const gateway of gateways) {
        gateway.write('of it');
        expect(await answerTo(gateway)).toBe('200 got all of it');
      }
      const { code, signal: endedBy, stderr } = await command.end();
      expect({ code, endedBy }).toEqual({ code: 0, endedBy: null });
      expect(stderr.at(-1)).toBe('rxscgi: closed');
      expect(readdirSync(join(path, '..'))).toEqual([]);
    });

    it('should drain when all processes get it, as from a terminal or a service manager', async () => {
      const command = serve(['127.0.0.1:0']);
      const address = await command.address();
      const gateway = await halfARequest(address);
      const pids = await command.workers(2);
      await expectAnswersFrom(address, pids);
      for (const pid of [command.pid, ...pids]) process.kill(pid, 'SIGINT');
      await command.stderr.value((line) => /draining, connections open: [1-9]/.test(line));
      gateway.write('of it');
      expect(await answerTo(gateway)).toBe('200 got all of it');
      const { code, stderr } = await command.end();
      expect({ code, last: stderr.at(-1) }).toEqual({ code: 0, last: 'rxscgi: closed' });
    });

    it('should end at once on a second one, with connections reset', async () => {
      const path = newPath();
      const command = serve([`unix:${path}`, '127.0.0.1:0']);
      const [unix, tcp] = await command.addresses(2);
      const gateway = await halfARequest(tcp!);
      await expectAnswersFrom(unix!, await command.workers(2));
      command.kill('SIGINT');
      await command.stderr.value((line) => /draining, connections open: [1-9]/.test(line));
      command.kill('SIGTERM');
      const { code, stderr } = await command.end();
      expect(stderr.at(-1)).toBe('rxscgi: ended at once by a second signal, SIGTERM');
      expect(code).toBe(143);
      expect(await gateway.ending()).toBe('ECONNRESET');
      expect(existsSync(path)).toBe(false);
    });

    it('should end at once on a second one, though a worker is stuck', async () => {
      const command = serve(['127.0.0.1:0']);
      const gateway = await TestGateway.connect(await command.address());
      gateway.write(requestBytes({ uri: '/stuck' }));
      await command.stderr.value((line) => line === 'stuck');
      command.kill('SIGTERM');
      await command.stderr.value((line) => line.includes('draining 2 workers'));
      command.kill('SIGTERM');
      expect((await command.end()).code).toBe(143);
    });

    it('should end workers that are stuck in start(), even where drains may take as long as they like', async () => {
      const args = ['serve', 'life.mjs', '--workers', '1', '--listen', '127.0.0.1:0'];
      const command = new Command([...args, '--drain-timeout-ms', 'none'], { env: { START: 'loops' } });
      await command.stdout.value((line) => line === 'start');
      command.kill('SIGTERM');
      expect(await command.end()).toMatchObject({ code: 1 });
    });

    it('should exit with 0 when it comes before they listen', async () => {
      const args = ['serve', 'life.mjs', '--workers', '2', '--listen', '127.0.0.1:0'];
      const command = new Command(args, { env: { START: 'hangs' } });
      await command.stdout.value((line) => line === 'start');
      command.kill('SIGTERM');
      expect(await command.end()).toMatchObject({ code: 0 });
      expect(command.stdout.values).not.toContain('stop');
    });
  });

  it('should log each worker as JSON too', async () => {
    const command = serve(['127.0.0.1:0'], ['--log', 'json']);
    await command.stderr.value((line) => line.includes('"listening"'));
    command.kill('SIGTERM');
    const { stderr } = await command.end();
    expect(stderr.map((line) => (JSON.parse(line) as { event: string }).event).sort()).toEqual([
      'closed',
      'listening',
      'pool-draining',
      'worker-draining',
      'worker-draining',
      'worker-ready',
      'worker-ready',
    ]);
  });
});
