/**
 * Compiles lib/ into dist/esm and dist/cjs, each with its types.
 *
 *     node scripts/build.mjs               builds
 *     node scripts/build.mjs --if-needed   builds unless dist is newer than what it is made from
 */
import { spawn } from 'node:child_process';
import { chmodSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

// `node16` rather than `commonjs` for CJS: it keeps `import()`, by which the command loads ESM modules.
const FORMATS = {
  esm: { type: 'module', options: ['--module', 'es2022', '--moduleResolution', 'bundler'] },
  cjs: { type: 'commonjs', options: ['--module', 'node16', '--moduleResolution', 'node16'] },
};
const SOURCES = ['lib', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];

/** The youngest modification under `path`, directories included: deleting a file touches its directory. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isFresh() {
  try {
    const sources = Math.max(...SOURCES.map((source) => newest(join(root, source))));
    return Object.keys(FORMATS).every((f) => statSync(join(root, 'dist', f, 'package.json')).mtimeMs > sources);
  } catch {
    return false; // nothing built yet
  }
}

/** Compiles beside the old build, so that who reads dist meanwhile never finds half of it. */
async function compile(format) {
  // At the depth of the final directory: the source maps hold relative paths.
  const next = join(root, 'dist', `${format}.next-${process.pid}`);
  // The stamp for --if-needed is from before tsc reads: an edit during the build makes the build stale.
  const started = Date.now();
  const { type, options } = FORMATS[format];
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), ...options, '--outDir', next];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) {
    rmSync(next, { recursive: true, force: true });
    throw new Error(`tsc failed for ${format}`);
  }
  // The nearest package.json tells Node.js and TypeScript which format the .js files are in.
  writeFileSync(join(next, 'package.json'), `${JSON.stringify({ type })}\n`);
  utimes(join(next, 'package.json'), started);
  return next;
}
