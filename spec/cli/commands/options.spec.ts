/** Wrong command lines, each with one line and exit code 2, and the texts of `--help`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, FIXTURES, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

const SERVE = ['serve', 'greet.mjs', '--listen', '127.0.0.1:0'];

useBuiltCommand();
cleanUpSockets();

describe('rxscgi', () => {
  it.each([
    ['no command', [], 'no command: serve, dev, gateway, request, ping, config'],
    ['an unknown command', ['proxy'], 'there is no command proxy'],
    ['a mistyped command', ['srve'], 'did you mean rxscgi serve?'],
    ['an option before the command', ['--log', 'off'], 'there is no option --log before a command'],
    ['no module', ['serve', '--listen', '127.0.0.1:0'], 'no MODULE'],
    ['two modules', [...SERVE, 'greet.cjs'], '"greet.cjs" is a second one'],
    ['no address', ['serve', 'greet.mjs'], '--listen 127.0.0.1:4000, for example'],
    [
      'an unknown option',
      [...SERVE, '--threads', '2'],
      'there is no option --threads; see rxscgi serve --help',
    ],
    ['an unknown short option', [...SERVE, '-q'], 'there is no option -q'],
    ['a mistyped option', ['serve', 'greet.mjs', '--lisen', 'x'], 'did you mean --listen?'],
    [
      'an option without its value',
      ['serve', 'greet.mjs', '--listen'],
      '--listen needs a value: --listen ADDRESS',
    ],
    [
      'an option in place of a value',
      ['serve', 'greet.mjs', '--listen', '--strict'],
      '--listen needs a value',
    ],
    ['an empty value', ['serve', 'greet.mjs', '--listen='], '--listen needs a value'],
    ['a switch with a value', [...SERVE, '--strict=no'], '--strict takes no value'],
    [
      'a bad address',
      ['serve', 'greet.mjs', '--listen', '4000'],
      '"4000" is not an address; addresses are 127.0.0.1:4000',
    ],
    [
      'a bad address of an application, which is no descriptor',
      ['gateway', '--to', 'nonsense'],
      '"nonsense" is not an address; an application has an address such as 127.0.0.1:4000, [::1]:4000, ' +
        'localhost:4000, unix:/run/app.sock, unix:@name; see',
    ],
    ['a bad log format', [...SERVE, '--log', 'xml'], '--log takes common, json or off, not "xml"'],
    [
      'a mode that is not octal',
      [...SERVE, '--socket-mode', '0o888'],
      '--socket-mode takes permissions in octal',
    ],
    [
      'a mode of four digits',
      [...SERVE, '--socket-mode', '1777'],
      '--socket-mode takes permissions in octal',
    ],
    [
      'a group that does not exist',
      [...SERVE, '--socket-group', 'rxscgi-none'],
      '--socket-group must be a group of this system, which "rxscgi-none" is not',
    ],
    [
      'a limit that is no number',
      [...SERVE, '--max-headers', 'ten'],
      '--max-headers takes a whole number, or none',
    ],
    ['a negative limit', [...SERVE, '--max-headers=-1'], '--max-headers takes a whole number, or none'],
    [
      'a limit below the least',
      [...SERVE, '--max-connections', '0'],
      '--max-connections must be a whole number',
    ],
    ['a time beyond what timers hold', [...SERVE, '--linger-ms', '2147483648'], '--linger-ms must be'],
    [
      'a mount without a slash',
      [...SERVE, '--mount', 'app'],
      '--mount must be a path that begins with a slash',
    ],
    ['an option of another command', [...SERVE, '--http', '0'], 'there is no option --http'],
    ['a port beyond the last', ['dev', 'greet.mjs', '--http', '65536'], '--http takes a port, 0 to 65535'],
    ['a port that is no number', ['dev', 'greet.mjs', '--http', 'any'], '--http takes a port, 0 to 65535'],
    ['another port beyond the last', ['dev', 'greet.mjs', '--port', '-1'], '--port needs a value'],
    ['a port with a sign', ['dev', 'greet.mjs', '--port=+1'], '--port takes a port, 0 to 65535'],
    ['an address for dev', ['dev', 'greet.mjs', '--listen', '127.0.0.1:0'], 'there is no option --listen'],
  ])('should exit with 2 and a line that says why when given %s', async (_what, args, message) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect(stderr).toEqual([expect.stringContaining(message)]);
    expect(stderr[0]).toMatch(/^rxscgi: .*(see rxscgi|did you mean)/);
    expect(stdout).toEqual([]);
    expect(code).toBe(2);
  });

  it.each([
    ['a relative MODULE', 'greet.mjs', []],
    ['workers', join(FIXTURES, 'greet.mjs'), ['--workers', '2']],
  ])('should exit with 2 and a line in a removed folder, for %s', async (_what, module, options) => {
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"';
    const { code, stderr } = await runCommand(
      ['serve', module, '--listen', 'unix:/none/app.sock', ...options],
      {
        cwd: temporaryFolder(),
        launcher: ['bash', '-c', script],
      },
    );
    expect(stderr).toEqual([expect.stringContaining('the current folder has been removed')]);
    expect(code).toBe(2);
  });

  it('should keep what it quotes to the line', async () => {
    const { stderr } = await runCommand(['a\nrxscgi: forged\u001b[2J']);
    expect(stderr).toEqual(['rxscgi: there is no command a rxscgi: forged\\x1b[2J; see rxscgi --help']);
  });

  it.each([['--version'], ['-v']])('should print the version of the package for %s', async (flag) => {
    const { version } = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runCommand([flag])).toMatchObject({ code: 0, stdout: [version], stderr: [] });
  });

  it.each([
    ['--help', 'rxscgi serve MODULE --listen ADDRESS'],
    ['-h', 'rxscgi dev MODULE [--port PORT]'],
    ['help', '129, 130, 143   ended at once by a second signal: SIGHUP, SIGINT, SIGTERM'],
    ['serve --help', '--socket-mode MODE'],
    ['help serve', 'unix:/run/app.sock'],
    ['serve greet.mjs -h', '--max-body-bytes BYTES'],
    ['dev --help', '--port PORT'],
    ['help dev', '--drain-timeout-ms MS'],
  ])('should print help and exit with 0 for %s', async (args, part) => {
    const { code, stdout, stderr } = await runCommand(args.split(' '));
    expect(stdout.join('\n')).toContain(part);
    expect(stderr).toEqual([]);
    expect(code).toBe(0);
  });

  it('should accept limits and tolerances, also without a limit', async () => {
    const limits = ['--max-body-bytes', '10', '--handler-timeout-ms', 'none', '--body-timeout-ms=5000'];
    const switches = ['--strict', '--lenient-content-length', '--no-lenient-duplicates', '--mount', '/app'];
    const command = new Command([...SERVE, ...limits, ...switches]);
    await command.address();
    command.kill('SIGTERM');
    expect(await command.end()).toMatchObject({ code: 0 });
  });
});
