/** `rxscgi serve` in a terminal that is closed: a server that nobody sees any more must not stay. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES, linesOf, useBuiltCommand } from '../../helpers/command/command.js';
import { describeWith } from '../../helpers/describe-with.js';
import { Log } from '../../helpers/sockets/log.js';
import { afterwards, cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const MAIN = join(__dirname, '../../../dist/esm/cli/main.js');
const TERMINAL = join(__dirname, '../../helpers/command/programs/terminal.py');

describeWith(['python3'], 'rxscgi serve in a terminal that is closed', () => {
  it.each([
    ['one process', []],
    ['two workers', ['--workers', '2']],
  ])('should drain and end: %s', async (_what, workers) => {
    const path = join(temporaryFolder(), 'app.sock');
    const args = ['serve', 'life.mjs', '--listen', `unix:${path}`, ...workers];
    const child = spawn('python3', [TERMINAL, process.execPath, MAIN, ...args], {
      cwd: FIXTURES,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    afterwards(() => child.kill('SIGKILL'));
    const lines = new Log(linesOf(child.stdout));
    await lines.value((line) => line.includes('listening on'));
    child.stdin.end();
    await lines.over();
    // By the signal: it must not crash as it exits, which Node.js does without a terminal.
    expect(lines.values.at(-1)).toBe('signal 1');
    expect(existsSync(path)).toBe(false);
  });
});
