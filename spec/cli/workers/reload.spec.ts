/** `rxscgi serve --reload`: a change of the code replaces the workers. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command, useBuiltCommand } from '../../helpers/command/command.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { editedApplication, setText } from '../../helpers/command/edited-application.js';
import { TestGateway, cleanUpSockets } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

/** An application that imports what it answers, and remembers that it has answered. */
const APP = `import { NEVER, concat, of } from 'rxjs';
import { text } from './lib/text.mjs';
let answers = 0;
export default ({ path }) => [{ body: path === '/stream' ? concat(of(text), NEVER) : text + ++answers }];`;

describe('rxscgi serve --reload', () => {
  let cwd: string;

  beforeEach(() => {
    cwd = editedApplication(APP);
  });

  const serve = (...more: string[]): Command =>
    new Command(['serve', 'app.mjs', '--listen', '127.0.0.1:0', '--reload', ...more], { cwd });

  /** Waits until the workers have been replaced so often. */
  async function replaced(command: Command, times: number): Promise<void> {
    let seen = 0;
    await command.stderr.value(
      (line) => line === 'rxscgi: all workers have been replaced' && ++seen === times,
    );
  }

  it('should serve what a file that is imported says now, by a new process, at the same address', async () => {
    const command = serve();
    const address = await command.address();
    expect(await exchange(address)).toBe('200 one1');
    expect(await exchange(address)).toBe('200 one2');
    const stream = await TestGateway.connect(address);
    stream.write(requestBytes({ uri: '/stream' }));
    await stream.received((all) => all.endsWith('one'));
    setText(cwd, "'two'");
    await replaced(command, 1);
    expect(await exchange(address)).toBe('200 two1');
    // By default a stream has 30 s, but a developer does not.
    expect(await stream.ending()).toBe('ECONNRESET');
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
  });

  it('should go on with the old code while the new one does not load, and say why', async () => {
    const command = serve('--workers', '2');
    const address = await command.address();
    setText(cwd, '');
    const line = await command.stderr.value((each) => each.includes('were not replaced'));
    expect(line).toMatch(/app\.mjs failed to load: SyntaxError/);
    expect(await exchange(address)).toMatch(/^200 one/);
    setText(cwd, "'two'");
    await replaced(command, 1);
    expect(await exchange(address)).toBe('200 two1');
  });

  it('should say where the code cannot be watched', async () => {
    const command = new Command(['serve', 'none/app.mjs', '--listen', '127.0.0.1:0', '--reload'], { cwd });
    const { code, stderr } = await command.end();
    expect(stderr).toEqual([
      expect.stringContaining(`changes of the code are not noticed: cannot watch ${join(cwd, 'none')}: `),
      expect.stringContaining('none/app.mjs does not exist'),
    ]);
    expect(code).toBe(2);
  });

  it('should go on when its folder is removed', async () => {
    const command = serve();
    const address = await command.address();
    rmSync(cwd, { recursive: true });
    expect(await exchange(address)).toBe('200 one1');
  });
});
