/** Runs the modules of docs/recipes/operations.md with `rxscgi serve`. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestBytes } from '../../lib/testing/index.js';
import { ROOT } from '../helpers/command/build.js';
import { Command, useBuiltCommand } from '../helpers/command/command.js';
import { exchange } from '../helpers/sockets/exchange.js';
import { readPage, snippetsOf } from '../helpers/docs/snippets.js';
import { TestGateway, cleanUpSockets, temporaryFolder } from '../helpers/sockets/sockets.js';

const modules = snippetsOf(readPage('docs/recipes/operations.md')).filter(
  ({ language }) => language === 'js',
);

useBuiltCommand();
cleanUpSockets();

/** Starts the command with a module of the page, in a folder of its own. */
function serve(index: number, folder: string): Command {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'app.mjs'), modules[index]!.code);
  return new Command(['serve', 'app.mjs', '--listen', '127.0.0.1:0'], { cwd: folder });
}

describe('docs/recipes/operations.md', () => {
  it('should show two modules, and a program of its own', () => expect(modules).toHaveLength(3));

  it('should show a module whose start() and stop() open and close what it uses', async () => {
    const folder = temporaryFolder();
    const command = serve(0, folder);
    expect(await exchange(await command.address(), { uri: '/here' })).toBe('200 noted\n');
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
    expect(readFileSync(join(folder, 'visits.txt'), 'utf8')).toBe('/here\n');
  });

  it('should show a stream that ends when the server drains', async () => {
    const command = serve(1, temporaryFolder());
    const gateway = await TestGateway.connect(await command.address());
    gateway.write(requestBytes());
    await gateway.received((text) => text.includes('\r\n\r\n0\n'));
    command.kill('SIGTERM');
    expect(await gateway.ending()).toBe('end');
    gateway.end();
    expect((await command.end()).code).toBe(0);
  });
});
