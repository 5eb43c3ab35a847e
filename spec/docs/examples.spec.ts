/** Compares the programs that pages show with those of examples/, by scripts/include-examples.mjs. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../helpers/command/build.js';
import { cleanUpSockets, temporaryFolder } from '../helpers/sockets/sockets.js';

cleanUpSockets();

function include(root: string, ...args: string[]): [number | null, string] {
  const script = join(ROOT, 'scripts/include-examples.mjs');
  const env = { ...process.env, EXAMPLES_ROOT: root };
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], { env, encoding: 'utf8' });
  return [status, stderr];
}

it('the pages show the programs of examples/ as they are', () => {
  expect(include(ROOT, '--check')).toEqual([0, '']);
});

it('scripts/include-examples.mjs notices and replaces what is stale', () => {
  const root = temporaryFolder();
  for (const folder of ['docs/deep', 'examples']) mkdirSync(join(root, folder), { recursive: true });
  const page = join(root, 'docs/deep/page.md');
  const code = '// #region a\nfirst();\n// #endregion\n\n// #region b\nsecond();\n// #endregion\n';
  writeFileSync(join(root, 'README.md'), 'no examples\n');
  writeFileSync(join(root, 'examples/app.mjs'), code);
  writeFileSync(
    page,
    '<!-- example: app.mjs#b -->\n\n```js\nold();\n```\n\n<!-- example: app.mjs -->\n\nText\n',
  );
  const [status, problems] = include(root, '--check');
  expect([status, problems.match(/^docs\/deep\/page\.md:\d+/gm)]).toEqual([
    1,
    ['docs/deep/page.md:1', 'docs/deep/page.md:7'],
  ]);
  include(root);
  expect(readFileSync(page, 'utf8')).toBe(
    '<!-- example: app.mjs#b -->\n\n```js\nsecond();\n```\n\n<!-- example: app.mjs -->\n\n```js\nfirst();\n\nsecond();\n```\n\nText\n',
  );
  expect(include(root, '--check')).toEqual([0, '']);
  writeFileSync(page, '<!-- example: app.mjs#c -->\n');
  expect(include(root, '--check')[0]).toBe(1);
});
