/** Runs what `rxscgi config` prints: each program's own check, and requests through each web server. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NEVER, concat, of } from 'rxjs';
import { ROOT } from '../../helpers/command/build.js';
import { Command, FIXTURES, useBuiltCommand } from '../../helpers/command/command.js';
import { configText } from '../../helpers/command/config-text.js';
import { describeWith } from '../../helpers/describe-with.js';
import { apache } from '../../helpers/peers/web-servers/apache.js';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { findExecutable } from '../../helpers/peers/find-executable.js';
import { answerDigest } from '../../helpers/peers/applications/handlers.js';
import { firstLine } from '../../helpers/peers/clients/http-client.js';
import { freePort } from '../../helpers/peers/free-port.js';
import { lighttpd } from '../../helpers/peers/web-servers/lighttpd.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import { createSharedFolder, definePeer, type PeerDefinition } from '../../helpers/peers/web-servers/peer.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const MAIN = join(ROOT, 'dist/esm/cli/main.js');

interface Checked {
  readonly peer: PeerDefinition;
  /** The word of `rxscgi config`. */
  readonly word: string;
  /** The arguments that check a configuration. */
  readonly check: (path: string, folder: string) => readonly string[];
}

const CHECKED: readonly Checked[] = [
  { peer: nginx, word: 'nginx', check: (path, folder) => ['-t', '-p', folder, '-e', 'stderr', '-c', path] },
  { peer: apache, word: 'apache', check: (path) => ['-t', '-f', path] },
  { peer: lighttpd, word: 'lighttpd', check: (path) => ['-tt', '-f', path] },
];

/** Where the web server listens, and options with every character that values may have. */
const VARIANTS: readonly (readonly [host: string, options: readonly string[]])[] = [
  ['', ['--listen', '127.0.0.1:4000']],
  ['[::1]:', ['--listen', '[::1]:4000', '--stream', '--max-body-bytes', 'none']],
  ['', ['--listen', 'localhost:4000', '--mount', '/a/B.c_d~e-f', '--max-body-bytes', '1']],
  ['127.0.0.1:', ['--listen', 'unix:/run/a.b_c@d+e~f,g=h-i/app.sock', '--server-name', 'App.example']],
  ['', ['--listen', '0.0.0.0:4000', '--server-name', '*.app.example', '--server-name', '192.0.2.1']],
  [
    '',
    ['--listen', 'unix:/run/app.sock', '--mount', '/a', '--server-name', 'a.example', '--server-name', 'b'],
  ],
];

describe.each(CHECKED)('rxscgi config $word', ({ peer, word, check }) => {
  describeWith([peer.executable], `checked by ${peer.name}`, () => {
    it.each(VARIANTS)('should print a valid configuration for %j and %j', async (host, options) => {
      const folder = await createSharedFolder();
      const path = join(folder, 'server.conf');
      const site = configText(word, '--http', `${host}${await freePort()}`, ...options);
      await writeFile(path, peer.configuration(site, folder));
      const executable = findExecutable(peer.executable)!;
      const { status, stdout, stderr } = spawnSync(executable, check(path, folder), { encoding: 'utf8' });
      expect({ status, output: status === 0 ? '' : stdout + stderr + site }).toEqual({
        status: 0,
        output: '',
      });
      await rm(folder, { recursive: true });
    });
  });

  const printed = definePeer({
    ...peer,
    site: ({ port, target, folder = '' }) => {
      const options = [
        '--mount',
        '/app.x',
        '--server-name',
        '127.0.0.1',
        '--stream',
        '--max-body-bytes',
        '2048',
      ];
      const site = configText(word, '--listen', target, '--http', `127.0.0.1:${port}`, ...options);
      // What lighttpd's goes beside listens elsewhere.
      return word === 'lighttpd' ? `server.bind = "${folder}/main.sock"\n${site}` : site;
    },
  });
  const app = { mount: '/app.x', lenientContentLength: true };

  describeEverySite({ peers: [printed], app }, (site) => {
    it('should forward what is below the mount, and nothing else', async () => {
      const paths: string[] = [];
      site.app.handler = ({ path }) => {
        paths.push(path);
        return of({ body: 'ok' });
      };
      for (const path of ['/app.x', '/app.x/', '/app.x/y?z']) {
        expect(await site.call(path)).toMatchObject({ status: 200, text: 'ok' });
      }
      for (const path of ['/', '/app.xy', '/appZx/y', '/y/app.x/z']) {
        expect((await site.call(path)).status).toBeGreaterThanOrEqual(403);
      }
      expect(paths).toEqual(['/', '/', '/y']);
    });

    it('should let through what is not too large', async () => {
      site.app.handler = answerDigest;
      expect(await site.call('/app.x/', { upload: 2048 })).toMatchObject({ status: 200 });
      const refused = site.call('/app.x/', { upload: 2049 });
      expect((await refused).status).toBe(413);
    });

    it('should pass a response on as it comes, and credentials', async () => {
      site.app.handler = ({ headers }) => of({ body: concat([`${headers.get('authorization')}\n`], NEVER) });
      const call = site.openCall('/app.x/', { headers: { Authorization: 'Bearer swordfish' } });
      expect(await firstLine(await call.response)).toBe('Bearer swordfish');
      call.abandon();
    });
  });
});

describeWith(['systemd-analyze'], 'rxscgi config systemd', () => {
  const MODULE = ['--module', `/opt/a %n $b "c"/app.mjs`, '--command', MAIN];

  it.each<[name: string, args: string[]]>([
    [
      'app.service',
      ['--listen', 'unix:/run/app/app.sock', '--mount', '/app', '--max-body-bytes', '1000', ...MODULE],
    ],
    ['app.service', ['--listen', 'unix:/run/a/b/app.sock', '--group', 'root', '--stream', ...MODULE]],
    ['app.service', ['--listen', 'unix:/srv/app/app.sock', '--user', 'root', ...MODULE]],
    ['app.service', ['--listen', '127.0.0.1:4000', ...MODULE]],
    ['app.service', ['--listen', '[::1]:4000', '--user', '0', ...MODULE]],
    [
      'shop.socket',
      ['--listen', 'unix:/run/shop/app.sock', '--group', 'root', '--unit', 'socket', '--name', 'shop'],
    ],
    ['shop.socket', ['--listen', '[::1]:4000', '--unit', 'socket', '--name', 'shop']],
    ['shop.socket', ['--listen', 'unix:@shop', '--unit', 'socket', '--name', 'shop']],
  ])('should print a valid %s for %j', async (name, args) => {
    const folder = temporaryFolder();
    await writeFile(join(folder, name), configText('systemd', ...args));
    const [unit] = name.split('.');
    const service = configText('systemd', '--listen', 'systemd', '--name', unit!, ...MODULE);
    if (name.endsWith('.socket')) await writeFile(join(folder, `${unit}.service`), service);
    const verify = ['verify', '--man=no', '--recursive-errors=no', `./${name}`];
    const { status, stdout, stderr } = spawnSync('systemd-analyze', verify, {
      cwd: folder,
      encoding: 'utf8',
    });
    expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
  });
});

describe('the service of rxscgi config systemd', () => {
  it('should listen on its own socket, which the web server may use', async () => {
    const path = join(temporaryFolder(), 'app.sock');
    const options = [
      '--listen',
      `unix:${path}`,
      '--user',
      'root',
      '--mount',
      '/app',
      '--max-body-bytes',
      '4',
    ];
    const unit = configText(
      'systemd',
      '--module',
      join(FIXTURES, 'greet.mjs'),
      '--command',
      MAIN,
      ...options,
    );
    const [, folder] = /^WorkingDirectory=(.*)$/m.exec(unit)!;
    const [, line] = /^ExecStart=(.*)$/m.exec(unit)!;
    const [program, ...args] = line!.split(' ');
    expect(program).toBe(MAIN);
    const command = new Command(args, { cwd: folder! });
    // The log is in JSON.
    await command.stderr.value((each) => each.includes('"event":"listening"'));
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(await exchange(`unix:${path}`, { uri: '/app/x' })).toBe('200 hello from ESM, /x');
    expect(await exchange(`unix:${path}`, { body: '12345' })).toBe('413 Content Too Large\n');
  });
});
