/**
 * Builds dist/esm and dist/cjs from lib/: few files each, as every file that is loaded costs time and memory; and the types.
 *
 *     node scripts/build.mjs               builds
 *     node scripts/build.mjs --if-needed   builds, unless dist is newer than what it is made from
 */
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import { compile } from './compile.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

const FORMATS = ['esm', 'cjs'];
const LIBRARY = ['index', 'node/index', 'testing/index'];
const COMMAND = 'cli/main';
const SOURCES = ['lib', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts'];

/** The last modification under `path`, directories included: to delete a file modifies its directory. */
function lastModified(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => lastModified(join(path, name))));
}

function isFresh() {
  const stamps = FORMATS.map((format) => join(dist, format, 'package.json'));
  if (!stamps.every((stamp) => existsSync(stamp))) return false;
  const sources = Math.max(...SOURCES.map((source) => lastModified(join(root, source))));
  return stamps.every((stamp) => statSync(stamp).mtimeMs > sources);
}

/** Checks lib/, and puts the types of what it exports into `outDir`. */
async function declareTypes(outDir) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error('tsc found errors');
}

const compileEach = {
  name: 'compile-each',
  resolveId(source, importer) {
    return source.startsWith('.') ? join(dirname(importer), source.replace(/\.js$/, '.ts')) : null;
  },
  load: compile,
};

/**
 * Puts `entries` into `dir`, and what two of them share into a file of its own: a class is to be the same one for both.
 * Unlike other bundlers Rollup leaves `const` what it is, which V8 relies on to be fast.
 */
async function bundle(entries, format, dir) {
  const input = Object.fromEntries(entries.map((entry) => [entry, join(root, 'lib', `${entry}.ts`)]));
  const external = (id) => !id.startsWith('.') && !isAbsolute(id);
  const bundled = await rollup({ input, external, plugins: [compileEach] });
  await bundled.write({
    dir,
    format,
    chunkFileNames: 'shared-[hash].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
    // As tsc has it, for whoever asks how to import it.
    esModule: true,
  });
  await bundled.close();
}

/** The nearest package.json tells Node.js and TypeScript what the .js and .d.ts files are. */
function stamp(outDir, type, started) {
  const path = join(outDir, 'package.json');
  writeFileSync(path, `${JSON.stringify({ type })}\n`);
  utimesSync(path, started, started);
}

async function buildAll(esm, cjs) {
  // What is edited from here on makes this build stale, whether it has been read yet or not.
  const started = new Date();
  const results = await Promise.allSettled([
    declareTypes(cjs),
    bundle([...LIBRARY, COMMAND], 'esm', esm),
    bundle(LIBRARY, 'cjs', cjs),
  ]);
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  cpSync(cjs, esm, { recursive: true, filter: (path) => !/\.js(\.map)?$/.test(path) });
  chmodSync(join(esm, `${COMMAND}.js`), 0o755);
  stamp(esm, 'module', started);
  stamp(cjs, 'commonjs', started);
}

/** Puts `next` in the place of `current` in two renames, so that nobody finds half a build. */
function swap(next, current) {
  const old = `${current}.old-${process.pid}`;
  if (existsSync(current)) renameSync(current, old);
  renameSync(next, current);
  rmSync(old, { recursive: true, force: true });
}

if (process.argv.includes('--if-needed') && isFresh()) process.exit(0);

mkdirSync(dist, { recursive: true });
// In dist, and as deep as the final directories: source maps hold relative paths.
const [esm, cjs] = FORMATS.map((format) => join(dist, `${format}.next-${process.pid}`));
try {
  await buildAll(esm, cjs);
  swap(esm, join(dist, 'esm'));
  swap(cjs, join(dist, 'cjs'));
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const next of [esm, cjs]) rmSync(next, { recursive: true, force: true });
}
