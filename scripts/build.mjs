/**
 * Compiles lib/ into dist/esm and dist/cjs, each with its types.
 *
 *     node scripts/build.mjs               builds
 *     node scripts/build.mjs --if-needed   builds, unless dist is newer than what it is made from
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

// `node16` rather than `commonjs` for CJS: it keeps `import()`, by which the command loads ESM modules.
const FORMATS = {
  esm: { type: 'module', options: ['--module', 'es2022', '--moduleResolution', 'bundler'] },
  cjs: { type: 'commonjs', options: ['--module', 'node16', '--moduleResolution', 'node16'] },
};
const SOURCES = ['lib', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];

/** The last modification under `path`, directories included: to delete a file modifies its directory. */
function lastModified(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => lastModified(join(path, name))));
}

function isFresh() {
  const stamps = Object.keys(FORMATS).map((format) => join(dist, format, 'package.json'));
  if (!stamps.every((stamp) => existsSync(stamp))) return false;
  const sources = Math.max(...SOURCES.map((source) => lastModified(join(root, source))));
  return stamps.every((stamp) => statSync(stamp).mtimeMs > sources);
}

/** Compiles one format into `outDir`. */
async function compile(format, outDir) {
  const { type, options } = FORMATS[format];
  // What is edited from here on makes this build stale, whether tsc has read it yet or not.
  const started = new Date();
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), ...options, '--outDir', outDir];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`tsc failed for ${format}`);
  // The nearest package.json tells Node.js and TypeScript what the .js and .d.ts files are.
  const stamp = join(outDir, 'package.json');
  writeFileSync(stamp, `${JSON.stringify({ type })}\n`);
  utimesSync(stamp, started, started);
  const main = join(outDir, 'cli', 'main.js');
  if (existsSync(main)) chmodSync(main, 0o755);
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
const builds = Object.keys(FORMATS).map((format) => ({
  format,
  next: join(dist, `${format}.next-${process.pid}`),
}));
try {
  const results = await Promise.allSettled(builds.map(({ format, next }) => compile(format, next)));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  for (const { format, next } of builds) swap(next, join(dist, format));
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const { next } of builds) rmSync(next, { recursive: true, force: true });
}
