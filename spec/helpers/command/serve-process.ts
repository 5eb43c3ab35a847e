/** `rxscgi serve` for as long as its owner wants: other helpers end a command with its test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ROOT } from './build.js';
import { ONE_FILE_RXJS } from './command.js';

/** Starts the built command with a module, on a port of its own. @param env - variables on top of those of this process. */
export function spawnServe(module: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const main = join(ROOT, 'dist/esm/cli/main.js');
  const args = ['--require', ONE_FILE_RXJS, main, 'serve', module, '--listen', '127.0.0.1:0'];
  return spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** The address that it says that it listens on. @throws with what it has printed when it ends before. */
export function addressIn({ stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const printed: string[] = [];
    const lines = createInterface({ input: stderr! });
    lines.on('line', (line) => {
      printed.push(line);
      const address = /^rxscgi: listening on (.*)$/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    lines.on('close', () => reject(new Error(printed.join('\n'))));
  });
}
