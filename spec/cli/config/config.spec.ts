/** `rxscgi config`: what it refuses, and what it makes of its values. spec/interop/configurations/config.spec.ts runs the configurations. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configText, runConfig } from '../../helpers/command/config-text.js';
import { readPage, snippetsOf } from '../../helpers/docs/snippets.js';

const SITES = ['nginx', 'apache', 'lighttpd'];
const EXAMPLES = join(__dirname, '../../../examples');

/** Texts that would end a value, or begin something else, in one of the four languages. */
const HOSTILE = [
  '"',
  "'",
  ' ',
  '\t',
  '\n',
  '\r',
  '\0',
  '$',
  ';',
  '{',
  '}',
  '#',
  '\\',
  '|',
  '<',
  '>',
  '(',
  ')',
  '`',
  '%',
  '*',
  '\u00e9',
];

describe('rxscgi config', () => {
  describe.each(HOSTILE)('given %j', (character) => {
    it.each([
      ['--listen', `unix:/run/a${character}b/app.sock`],
      ['--listen', `unix:/run/app/app.sock${character}`],
      ['--listen', `a${character}b:4000`],
      ['--mount', `/a${character}b`],
      ['--server-name', `a${character}b`],
      ['--http', `127.0.0.1${character}:80`],
      ['--http', `80${character}`],
      ['--max-body-bytes', `1${character}`],
      ['--group', `a${character}`],
    ])('should refuse it in %s %j', (flag, value) => {
      for (const site of SITES) {
        const listen = flag === '--listen' ? [] : ['--listen', '127.0.0.1:4000'];
        expect(runConfig(site, ...listen, `${flag}=${value}`).code).toBe(2);
      }
    });

    it.each([
      ['--name', `a${character}b`],
      ['--user', `a${character}b`],
      ['--command', `/opt/a${character}b`],
      ['--listen', `unix:/run/a${character}b/app.sock`],
      ['--listen', `systemd:a${character}b`],
      ['--listen', `unix:@a${character}b`],
      ['--mount', `/a${character}b`],
      ['--group', `a${character}`],
    ])('should refuse it in %s %j for systemd', (flag, value) => {
      const args = [
        'systemd',
        '--module',
        '/opt/app.mjs',
        ...(flag === '--listen' ? [] : ['--listen', 'systemd']),
      ];
      expect(runConfig(...args, `${flag}=${value}`).code).toBe(2);
    });
  });

  it.each<[args: string[]]>([
    [[]],
    [['caddy', '--listen', '127.0.0.1:4000']],
    [['nginx']],
    [['nginx', 'apache', '--listen', '127.0.0.1:4000']],
    [['nginx', '--listen', '127.0.0.1:4000', '--listen', '127.0.0.1:4001']],
    [['nginx', '--listen', '4000']],
    [['nginx', '--listen', '127.0.0.1:0']],
    [['nginx', '--listen', '[fe80::1%eth0]:4000']],
    [['nginx', '--listen', 'unix:app.sock']],
    [['nginx', '--listen', 'unix:/run/../etc/app.sock']],
    [['nginx', '--listen', 'unix:@app']],
    [['apache', '--listen', 'systemd']],
    [['lighttpd', '--listen', 'fd:3']],
    [['nginx', '--listen', '127.0.0.1:4000', '--mount', 'app']],
    [['nginx', '--listen', '127.0.0.1:4000', '--mount', '/']],
    [['nginx', '--listen', '127.0.0.1:4000', '--mount', '/a/../b']],
    [['nginx', '--listen', '127.0.0.1:4000', '--http', '0']],
    [['nginx', '--listen', '127.0.0.1:4000', '--http', '65536']],
    [['nginx', '--listen', '127.0.0.1:4000', '--http', 'localhost:80']],
    [['nginx', '--listen', '127.0.0.1:4000', '--http', '::1:80']],
    [['nginx', '--listen', '127.0.0.1:4000', '--max-body-bytes', '0']],
    [['nginx', '--listen', '127.0.0.1:4000', '--module', '/app.mjs']],
    [['systemd', '--listen', 'systemd']],
    [['systemd', '--listen', 'systemd', '--module', 'app.mjs']],
    [['systemd', '--listen', 'systemd', '--module', '/opt/app.mjs/']],
    [['systemd', '--listen', 'systemd', '--module', '/opt/a\nb.mjs']],
    [['systemd', '--listen', 'systemd', '--module', '/opt/a\\/b.mjs']],
    [['systemd', '--listen', 'systemd', '--module', '/opt/a /b.mjs']],
    [['systemd', '--listen', 'systemd', '--module', '/opt/app.mjs', '--http', '80']],
    [['systemd', '--listen', 'systemd', '--module', '/opt/app.mjs', '--unit', 'timer']],
    [['systemd', '--listen', 'systemd', '--unit', 'socket']],
    [['systemd', '--listen', 'localhost:4000', '--unit', 'socket']],
    [['systemd', '--listen', 'unix:/run/app.sock', '--module', '/opt/app.mjs']],
    [['systemd', '--listen', 'unix:/srv/app/app.sock', '--module', '/opt/app.mjs']],
  ])('should refuse %j', (args) => {
    expect(runConfig(...args).code).toBe(2);
  });

  it('should quote what the path of a module may have for systemd', () => {
    const unit = configText('systemd', '--listen', 'systemd', '--module', '/srv/a %b $c/it\'s "x";.mjs');
    const lines = unit.split('\n');
    expect(lines).toContain('WorkingDirectory=/srv/a %%b $c');
    expect(lines).toContain(
      'ExecStart="/srv/a %%b $$c/node_modules/.bin/rxscgi" serve "it\'s \\"x\\";.mjs" --listen systemd --workers auto --log json',
    );
    expect(configText('systemd', '--listen', 'systemd', '--module', '/srv/-x.mjs')).toContain(
      ' serve ./-x.mjs ',
    );
  });

  it('should connect to this machine where the application listens on all addresses', () => {
    expect(configText('nginx', '--listen', '0.0.0.0:4000')).toContain('scgi_pass 127.0.0.1:4000;');
    expect(configText('apache', '--listen', '[::]:4000')).toContain('"scgi://[::1]:4000/"');
    expect(configText('lighttpd', '--listen', '[::]:4000')).toContain('"host" => "::1", "port" => 4000');
  });

  it.each([
    ['app.service', ['--listen', 'systemd', '--module', '/opt/app/app.mjs']],
    ['app.socket', ['--listen', 'unix:/run/app/app.sock', '--unit', 'socket']],
  ])('should print %s of examples/systemd', (name, args) => {
    expect(configText('systemd', ...args)).toBe(readFileSync(join(EXAMPLES, 'systemd', name), 'utf8'));
  });

  it.each(SITES)('should print what docs/ says of %s', (site) => {
    const section = readPage(`docs/recipes/${site}.md`)
      .split(/^(?=## )/m)
      .find((text) => text.startsWith('## From the command\n'));
    const [command, printed] = snippetsOf(section ?? '').map(({ code }) => code);
    const [rxscgi, config, ...args] = (command ?? '').trim().split(' ');
    expect([rxscgi, config, args[0]]).toEqual(['rxscgi', 'config', site]);
    expect(configText(...args)).toBe(printed);
  });
});
