/** `node compile-core.mjs FOLDER`: the core of the library by itself, file by file. The package does not export it. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../scripts/compile.mjs';

const SOURCES = fileURLToPath(new URL('../../lib/core', import.meta.url));
const [, , folder] = process.argv;

writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
for (const file of readdirSync(SOURCES, { recursive: true })) {
  if (!file.endsWith('.ts')) continue;
  const target = join(folder, file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, compile(join(SOURCES, file)).code);
}
