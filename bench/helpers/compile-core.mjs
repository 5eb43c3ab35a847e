/** `node compile-core.mjs FOLDER`: the core of the library by itself, file by file. The package does not export it. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript';

const SOURCES = fileURLToPath(new URL('../../lib/core', import.meta.url));
const [, , folder] = process.argv;
const compilerOptions = { target: 'es2022', module: 'es2022' };

writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
for (const file of readdirSync(SOURCES, { recursive: true })) {
  if (!file.endsWith('.ts')) continue;
  const target = join(folder, file.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(target), { recursive: true });
  const source = readFileSync(join(SOURCES, file), 'utf8');
  writeFileSync(target, typescript.transpileModule(source, { compilerOptions }).outputText);
}
