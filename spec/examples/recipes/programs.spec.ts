/** Loads each recipe as Node.js does, with the built package, and runs what is a program of its own: a stop, and several applications. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestBytes } from '../../../lib/testing/index.js';
import { ROOT, requireBuild } from '../../helpers/command/build.js';
import { Command, linesOf, useBuiltCommand } from '../../helpers/command/command.js';
import { describeWith } from '../../helpers/describe-with.js';
import { INSTALLED, PACKAGES, RECIPES } from '../../helpers/docs/recipes.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import { definePeer } from '../../helpers/peers/web-servers/peer.js';
import { answerTo } from '../../helpers/sockets/exchange.js';
import { Log } from '../../helpers/sockets/log.js';
import { TestGateway, afterwards, cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

/** A folder of a user, who has copied programs and installed packages. */
function installed(...programs: readonly string[]): string {
  requireBuild();
  const folder = temporaryFolder();
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'rxscgi'));
  symlinkSync(join(ROOT, 'node_modules/rxjs'), join(modules, 'rxjs'));
  if (INSTALLED.length === 0)
    for (const name of ['@opentelemetry', 'busboy', 'cookie'])
      symlinkSync(join(PACKAGES, 'node_modules', name), join(modules, name));
  for (const program of programs) cpSync(program, join(folder, program.replace(/^.*\//, '')));
  return folder;
}

/** Runs a program of a folder, and shows the lines that it prints. */
function run(folder: string, args: readonly string[], env = {}): { child: ChildProcess; lines: Log<string> } {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  afterwards(() => child.kill('SIGKILL'));
  return { child, lines: new Log(linesOf(child.stdout)) };
}

describeWith(INSTALLED, 'examples/recipes', () => {
  it('should export handlers, loaded by Node.js', async () => {
    // typed-api.spec.ts compiles the one in TypeScript, which Node.js 20 does not read.
    const names = readdirSync(RECIPES).filter((name) => name.endsWith('.mjs') && name !== 'stop.mjs');
    const folder = installed(...names.map((name) => join(RECIPES, name)));
    const code = `for (const name of ${JSON.stringify(names)}) console.log(name, typeof (await import('./' + name)).default);`;
    writeFileSync(join(folder, 'load.mjs'), code);
    const { child, lines } = run(folder, ['load.mjs']);
    const [exitCode] = (await once(child, 'exit')) as [number];
    await lines.over();
    expect(exitCode).toBe(0);
    expect(lines.values).toEqual(
      names.map((name) => `${name} ${name === 'limiter.mjs' ? 'undefined' : 'function'}`),
    );
  });
});

describe('examples/recipes/stop.mjs', () => {
  it('should finish what is under way, then close its journal, then end', async () => {
    const folder = installed(join(RECIPES, 'stop.mjs'));
    const { child, lines } = run(folder, ['stop.mjs', '127.0.0.1:0']);
    const address = (await lines.value((line) => line.startsWith('listening on '))).slice(13);
    const gateway = await TestGateway.connect(address);
    const bytes = requestBytes({ method: 'POST', body: 'a line' });
    gateway.write(bytes.subarray(0, -2));
    // The server has the connection when another one, which came later, has been answered.
    const other = await TestGateway.connect(address);
    other.write(requestBytes({ method: 'POST', body: 'first' }));
    expect(await answerTo(other)).toBe('200 noted\n');
    child.kill('SIGTERM');
    await lines.value((line) => line.startsWith('draining, '));
    gateway.write(bytes.subarray(-2));
    expect(await answerTo(gateway)).toBe('200 noted\n');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await lines.over();
    expect(lines.values.at(-1)).toBe('closed');
    expect(readFileSync(join(folder, 'journal.txt'), 'utf8')).toBe('first\na line\n');
  });
});

describe('examples/several-applications', () => {
  const EXAMPLE = join(ROOT, 'examples/several-applications');

  const PATHS = [
    ['/shop', 'The shop shows /, which is /shop outside.'],
    ['/shop/a?b', 'The shop shows /a, which is /shop/a outside.'],
    ['/shopping', 'The blog shows /shopping.'],
    ['/', 'The blog shows /.'],
  ] as const;

  /** Starts both applications. @returns a text of the example with their addresses. */
  async function startApplications(): Promise<(text: string) => string> {
    const shop = new Command(['serve', 'shop.mjs', '--listen', '127.0.0.1:0', '--mount', '/shop'], {
      cwd: EXAMPLE,
    });
    const blog = new Command(['serve', 'blog.mjs', '--listen', '127.0.0.1:0'], { cwd: EXAMPLE });
    const [shopAddress, blogAddress] = [await shop.address(), await blog.address()];
    return (text) => text.replaceAll('127.0.0.1:4001', shopAddress).replaceAll('127.0.0.1:4002', blogAddress);
  }

  async function expectBoth(url: string): Promise<void> {
    for (const [path, text] of PATHS)
      expect(await call(url + path)).toMatchObject({ status: 200, text: `<p>${text}</p>\n` });
  }

  it('should be served by one gateway in Node.js', async () => {
    const located = await startApplications();
    const folder = installed();
    writeFileSync(join(folder, 'front.mjs'), located(readFileSync(join(EXAMPLE, 'front.mjs'), 'utf8')));
    const { lines } = run(folder, ['front.mjs', '0']);
    const url = (await lines.value(() => true)).replace(/\/$/, '');
    await expectBoth(url);
    expect((await call(url, { target: '*', method: 'OPTIONS' })).status).toBe(200);
  });

  describeWith(['nginx'], 'behind nginx', () => {
    it('should be served at their paths', async () => {
      const located = await startApplications();
      const site = ({ port }: { readonly port: number }) =>
        located(readFileSync(join(EXAMPLE, 'nginx.conf'), 'utf8')).replace(
          'listen 80;',
          `listen 127.0.0.1:${port};`,
        );
      const gateway = await definePeer({ ...nginx, site }).start({ target: '' });
      try {
        await expectBoth(gateway.url);
      } finally {
        await gateway.stop();
      }
    });
  });
});
