/** `rxscgi serve` at work: where it listens, what it logs, and how it ends. */
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { requestBytes } from '../../../lib/testing/index.js';
import { Command, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { answerTo, exchange } from '../../helpers/sockets/exchange.js';
import { TestGateway, cleanUpSockets, listening, temporaryFolder } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

/** A request whose body is half sent; its handler answers once it has all. */
async function halfARequest(address: string): Promise<TestGateway> {
  const gateway = await TestGateway.connect(address);
  const bytes = requestBytes({ method: 'POST', uri: '/text', body: 'all of it' });
  gateway.write(bytes.subarray(0, -5));
  return gateway;
}

/** Waits until the command has seen the requests before: its answer comes behind them. */
async function expectAlive(address: string): Promise<void> {
  expect(await exchange(address, { uri: '/digest' })).toMatch(/^200 /);
}

describe('rxscgi serve', () => {
  describe('the addresses', () => {
    it('should be all served, and logged as they were bound', async () => {
      const path = join(temporaryFolder(), 'app.sock');
      const command = new Command([
        'serve',
        'greet.mjs',
        '--listen',
        '127.0.0.1:0',
        '--listen',
        `unix:${path}`,
      ]);
      const [tcp, unix] = await command.addresses(2);
      expect(tcp).toMatch(/^127\.0\.0\.1:[1-9][0-9]*$/);
      expect(unix).toBe(`unix:${path}`);
      for (const address of [tcp!, unix!]) expect(await exchange(address)).toBe('200 hello from ESM, /');
    });

    it.each([
      [[], 0o600],
      [['--socket-mode', '660'], 0o660],
      [['--socket-mode=0o666'], 0o666],
    ])('should have the permissions of a Unix socket with %j', async (options, mode) => {
      const path = join(temporaryFolder(), 'app.sock');
      const command = new Command(['serve', 'greet.mjs', '--listen', `unix:${path}`, ...options]);
      await command.address();
      expect(statSync(path).mode & 0o777).toBe(mode);
    });

    it('should exit with 1 when one is in use, whichever kind it is', async () => {
      for (const transport of ['TCP', 'Unix'] as const) {
        const taken = await listening(createServer(), transport);
        const { code, stdout, stderr } = await runCommand([
          'serve',
          'greet.mjs',
          ...['--listen', '127.0.0.1:0', '--listen', taken],
        ]);
        expect(stderr).toEqual([expect.stringMatching(/^rxscgi: .*in use/)]);
        expect(stderr[0]).toContain(taken.replace('unix:', ''));
        expect(stdout).toEqual([]);
        expect(code).toBe(1);
      }
    });

    it('should give the files of Unix sockets to a group', async () => {
      const path = join(temporaryFolder(), 'app.sock');
      const group = String(process.getgid?.());
      const options = ['--socket-group', group, '--socket-owner', String(process.getuid?.())];
      await new Command(['serve', 'greet.mjs', '--listen', `unix:${path}`, ...options]).address();
      expect(String(statSync(path).gid)).toBe(group);
    });

    it.each([
      [
        'there is no folder for a socket',
        'unix:none/app.sock',
        'unix:none/app.sock: the folder none does not',
      ],
      ['an address is not of this machine', '192.0.2.1:0', '192.0.2.1:0: 192.0.2.1 is not an address of'],
      ['a name does not resolve', 'rxscgi.invalid:0', 'rxscgi.invalid:0: the name rxscgi.invalid does not'],
    ])('should exit with 1 and one line when %s', async (_why, address, message) => {
      const { code, stderr } = await runCommand(['serve', 'greet.mjs', '--listen', address]);
      expect(stderr).toEqual([expect.stringContaining(`rxscgi: cannot listen on ${message}`)]);
      expect(code).toBe(1);
    });

    it.each(['fd:3', 'systemd'])(
      'should exit with 2 and one line when the descriptor of %s does not listen',
      async (address) => {
        const server = createServer();
        const [, port = ''] = (await listening(server)).split(':');
        const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`;
        const command = new Command(['serve', 'greet.mjs', '--listen', address], {
          launcher: ['bash', '-c', script],
        });
        const { code, stderr } = await command.end();
        expect(stderr).toEqual([expect.stringContaining('descriptor 3 is not a listening socket')]);
        expect(code).toBe(2);
      },
    );

    it.each(['1e3', '100000000', '50'])(
      'should exit with 2 and one line when LISTEN_FDS is %s, and no socket comes with it',
      async (number) => {
        const script = `LISTEN_PID=$$ LISTEN_FDS=${number} exec "$0" "$@"`;
        const command = new Command(['serve', 'greet.mjs', '--listen', 'systemd'], {
          launcher: ['bash', '-c', script],
        });
        const { code, signal, stderr } = await command.end();
        expect(stderr).toHaveLength(1);
        expect({ code, signal }).toEqual({ code: 2, signal: null });
      },
    );
  });

  describe('the options', () => {
    it('should reach the server', async () => {
      const limits = ['--max-body-bytes', '4', '--mount', '/app'];
      const command = new Command(['serve', 'greet.mjs', '--listen', '127.0.0.1:0', ...limits]);
      const address = await command.address();
      expect(await exchange(address, { uri: '/app/x' })).toBe('200 hello from ESM, /x');
      expect(await exchange(address, { body: '12345' })).toBe('413 Content Too Large\n');
    });

    it('should take repeated headers, unless told otherwise', async () => {
      const twice = { variables: [['HTTP_X', 'a'] as const, ['HTTP_X', 'b'] as const] };
      const lenient = new Command(['serve', 'greet.mjs', '--listen', '127.0.0.1:0']);
      expect(await exchange(await lenient.address(), twice)).toMatch(/^200 /);
      const strict = new Command([
        'serve',
        'greet.mjs',
        '--listen',
        '127.0.0.1:0',
        '--no-lenient-duplicates',
      ]);
      expect(await exchange(await strict.address(), twice)).toBe('400 Bad Request\n');
    });
  });

  describe('the log', () => {
    const line =
      /^192\.0\.2\.7 - - \[\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000\] "GET \/x\?\\"y HTTP\/1\.1" 200 \d+ \d+\.\dms$/;
    const hostile = { uri: '/x?"y', variables: { REMOTE_ADDR: '192.0.2.7' } };

    it.each([[[]], [['--log', 'common']]])(
      'should be lines of the common format with %j',
      async (options) => {
        const command = new Command(['serve', 'greet.mjs', '--listen', '127.0.0.1:0', ...options]);
        await exchange(await command.address(), hostile);
        expect(await command.stdout.value(() => true)).toMatch(line);
      },
    );

    it('should be an object a line with --log json', async () => {
      const command = new Command(['serve', 'greet.mjs', '--listen', '127.0.0.1:0', '--log', 'json']);
      const listening = JSON.parse(await command.stderr.value(() => true)) as {
        event: string;
        address: string;
      };
      expect(listening).toMatchObject({
        event: 'listening',
        address: expect.stringMatching(/^127\.0\.0\.1:/) as string,
      });
      await exchange(listening.address, hostile);
      expect(JSON.parse(await command.stdout.value(() => true))).toMatchObject({
        event: 'response',
        remote: '192.0.2.7',
        method: 'GET',
        uri: '/x?"y',
        status: 200,
      });
      command.kill('SIGTERM');
      const { stderr, code } = await command.end();
      expect(stderr.map((each) => (JSON.parse(each) as { event: string }).event)).toEqual([
        'listening',
        'draining',
        'closed',
      ]);
      expect(code).toBe(0);
    });

    it('should be nothing at all with --log off', async () => {
      const path = join(temporaryFolder(), 'app.sock');
      const command = new Command(['serve', 'app.mjs', '--listen', `unix:${path}`, '--log', 'off']);
      while (!existsSync(path)) await new Promise(setImmediate);
      expect(await exchange(`unix:${path}`, { uri: '/throw' })).toBe('500 Internal Server Error\n');
      command.kill('SIGTERM');
      expect(await command.end()).toMatchObject({ code: 0, stdout: [], stderr: [] });
    });

    it('should tell failures with code, message and place, and the gateway nothing of them', async () => {
      const command = new Command(['serve', 'app.mjs', '--listen', '127.0.0.1:0']);
      const address = await command.address();
      expect(await exchange(address, { uri: '/throw' })).toBe('500 Internal Server Error\n');
      expect(await command.stderr.value((each) => each.includes('TypeError'))).toMatch(
        /"GET \/throw HTTP\/1\.1" TypeError: one 127\.0\.0\.1 - - \[forged\] .* \(app\.mjs:\d+:\d+\)$/,
      );
      expect(await exchange(address, { variables: { SCGI: '2' } })).toBe('400 Bad Request\n');
      expect(await command.stderr.value((each) => each.includes('VERSION'))).toMatch(
        /^- - - \[.*\] "-" ERR_SCGI_VERSION_UNSUPPORTED: /,
      );
    });

    it('should not end the server when its reader is gone', async () => {
      const command = new Command(['serve', 'greet.mjs', '--listen', '127.0.0.1:0']);
      const address = await command.address();
      command.closeOutput();
      for (let count = 0; count < 3; count++) expect(await exchange(address)).toMatch(/^200 /);
      command.kill('SIGTERM');
      expect((await command.end()).code).toBe(0);
    });
  });

  describe('on a signal', () => {
    it.each(['SIGTERM', 'SIGINT'] as const)('should drain on %s, and exit with 0', async (signal) => {
      const path = join(temporaryFolder(), 'app.sock');
      const command = new Command(['serve', 'app.mjs', '--listen', `unix:${path}`]);
      const address = await command.address();
      const gateway = await halfARequest(address);
      await expectAlive(address);
      command.kill(signal);
      expect(await command.stderr.value((line) => line.includes('draining'))).toMatch(
        /^rxscgi: draining, connections open: [12]$/,
      );
      await expect(TestGateway.connect(address)).rejects.toThrow(/ENOENT|ECONNREFUSED/);
      gateway.write('of it');
      expect(await answerTo(gateway)).toBe('200 got all of it');
      expect(await command.end()).toMatchObject({ code: 0, signal: null });
      expect(command.stderr.values.at(-1)).toBe('rxscgi: closed');
    });

    it.each([
      ['SIGTERM', 'SIGTERM', 143],
      ['SIGTERM', 'SIGINT', 130],
      ['SIGINT', 'SIGTERM', 143],
    ] as const)('should end at once on %s and then %s', async (first, second, code) => {
      const path = join(temporaryFolder(), 'app.sock');
      const command = new Command([
        'serve',
        'app.mjs',
        '--listen',
        `unix:${path}`,
        '--listen',
        '127.0.0.1:0',
      ]);
      const [unix, tcp] = await command.addresses(2);
      const gateway = await halfARequest(tcp!);
      await expectAlive(unix!);
      command.kill(first);
      await command.stderr.value((line) => line.includes('draining'));
      command.kill(second);
      const end = await command.end();
      expect(end.stderr.at(-1)).toBe(`rxscgi: ended at once by a second signal, ${second}`);
      expect(end.code).toBe(code);
      expect(await gateway.ending()).toBe('ECONNRESET');
      expect(existsSync(path)).toBe(false);
    });

    it('should cut at the end of its patience, and exit with 0', async () => {
      const patience = ['--drain-timeout-ms', '20'];
      const command = new Command(['serve', 'app.mjs', '--listen', '127.0.0.1:0', ...patience]);
      const address = await command.address();
      const gateway = await halfARequest(address);
      await expectAlive(address);
      command.kill('SIGTERM');
      expect(await gateway.ending()).toBe('ECONNRESET');
      const { code, stderr } = await command.end();
      expect(stderr.join('\n')).toContain('ERR_SCGI_DRAIN_TIMEOUT');
      expect(code).toBe(0);
    });

    it('should exit although the module has something else to do', async () => {
      const command = new Command(['serve', 'faults/busy.mjs', '--listen', '127.0.0.1:0']);
      await command.address();
      command.kill('SIGINT');
      expect(await command.end()).toMatchObject({ code: 0 });
    });
  });
});
