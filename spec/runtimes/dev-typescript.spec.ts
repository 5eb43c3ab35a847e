/** `rxscgi dev` on a Node.js that reads TypeScript and tells what is imported: `npm ci --prefix spec/runtimes`. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../helpers/command/build.js';
import { Command, useBuiltCommand } from '../helpers/command/command.js';
import { call } from '../helpers/peers/clients/http-client.js';
import { cleanUpSockets, temporaryFolder } from '../helpers/sockets/sockets.js';

const NODE = join(__dirname, 'node_modules/node-24/bin/node');
const TITLE = 'should restart when a file from elsewhere changes, and say where a fault in it is';

useBuiltCommand();
cleanUpSockets();

/** A module below src/, and what it imports from beside it. */
const APPS = [
  [
    'app.ts',
    'text.ts',
    `import { text } from '../shared/text.ts';
interface Request { readonly path: string }
export default ({ path }: Request) => ({ body: \`\${path} \${text}\` });`,
  ],
  [
    'app.cjs',
    'text.cjs',
    `const { text } = require('../shared/text.cjs');
module.exports = ({ path }) => ({ body: \`\${path} \${text}\` });`,
  ],
  [
    'app.mjs',
    'text.mjs',
    `import { text } from '../shared/text.mjs';
export default ({ path }) => ({ body: \`\${path} \${text}\` });`,
  ],
] as const;

/** Says it in each kind of module. */
function exported(file: string, value: string): string {
  if (file.endsWith('.cjs')) return `exports.text = ${value};`;
  return `export const text${file.endsWith('.ts') ? ': string' : ''} = ${value};`;
}

describe('rxscgi dev on Node.js 24', () => {
  if (!existsSync(NODE) && process.env.RXSCGI_PEERS !== 'required') {
    process.stderr.write(
      `skipped, since Node.js 24 is not installed (npm ci --prefix spec/runtimes): ${TITLE}\n`,
    );
    it.skip(TITLE, () => undefined);
    return;
  }

  it.each(APPS)(`${TITLE}: %s`, async (name, imported, source) => {
    const cwd = temporaryFolder();
    for (const folder of ['src', 'shared']) mkdirSync(join(cwd, folder));
    symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
    writeFileSync(join(cwd, 'src', name), source);
    const setText = (value: string): void =>
      writeFileSync(join(cwd, 'shared', imported), exported(imported, value));
    setText("'one'");

    const command = new Command(['dev', `src/${name}`, '--port', '0'], { cwd, node: NODE });
    const url = await command.url();
    expect(await call(`${url}x`)).toMatchObject({ status: 200, text: '/x one' });

    setText("'two' +");
    const failure = await command.stderr.value((line) => line.includes('failed to load'));
    expect(failure).toContain(`shared/${imported}:1`);

    setText("'three'");
    await command.stderr.value((line) => line === 'rxscgi: restarted');
    expect(await call(`${url}x`)).toMatchObject({ status: 200, text: '/x three' });
    expect(command.stderr.values).toContain(`rxscgi: shared/${imported} has changed: restarting`);
  });
});
