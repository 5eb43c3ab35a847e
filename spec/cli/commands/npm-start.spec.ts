/** `npm start` of this package: a signal to npm reaches the command. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Log } from '../../helpers/sockets/log.js';
import { linesOf, useBuiltCommand } from '../../helpers/command/command.js';
import { TestGateway, afterwards, cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

const ROOT = join(__dirname, '../../..');

useBuiltCommand();
cleanUpSockets();

/** The script without its build, to be run in any folder. */
function startScript(): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const script = scripts.start
    .replace(/^npm run build && /, '')
    .replaceAll(/(?<= )(dist|examples)\//g, `${ROOT}/$1/`);
  return `${script} --http 0`;
}

describe('npm start', () => {
  it('should drain and end when npm gets SIGTERM', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { start: startScript() } }));
    const npm = spawn('npm', ['start'], { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const group = -(npm.pid as number);
    afterwards(() => {
      try {
        process.kill(group, 'SIGKILL');
      } catch {
        // All have ended.
      }
    });
    const [stdout, stderr] = [new Log(linesOf(npm.stdout)), new Log(linesOf(npm.stderr))];
    const url = await stdout.value((line) => line.startsWith('http://'));
    const closed = once(npm, 'close');
    npm.kill('SIGTERM');
    await stderr.value((line) => line === 'rxscgi: closed');
    // Nobody holds its output any more.
    await closed;
    await expect(TestGateway.connect(new URL(url).host)).rejects.toThrow('ECONNREFUSED');
  });
});
