/**
 * Bundles the suite for a browser, as `expect.js` and `suite.js`: the specs that are named, and the portable entries as they were built.
 *
 *     node spec/browser/suite/bundle.mjs FOLDER SPEC...
 */
import { build } from 'esbuild';
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [folder, ...specs] = process.argv.slice(2);

/** What the package consists of: a module of Node.js that it imports fails the bundle. */
const PACKAGE = /[\\/](?:lib|dist)[\\/]/;

/** `expect`, and some helpers of specs, load modules of Node.js that they do not need here. */
const UNNEEDED = ['graceful-fs', 'jest-message-util'];

const nodeModules = {
  name: 'node-modules',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ path, importer }) => {
      if (PACKAGE.test(importer) && !importer.includes('node_modules')) return undefined;
      if (!isBuiltin(path) && !UNNEEDED.includes(path)) return undefined;
      return { path: here(path === 'node:assert/strict' ? 'assert.mjs' : 'absent.cjs') };
    });
  },
};

const common = {
  bundle: true,
  format: 'esm',
  platform: 'browser',
  outdir: folder,
  plugins: [nodeModules],
  // package.json says that no file has side effects; specs are nothing else.
  ignoreAnnotations: true,
  logLevel: 'error',
};

await build({
  ...common,
  entryPoints: { expect: here('expect.mjs') },
  // Its own: what the package uses of Node.js must be missing.
  banner: { js: 'const global = globalThis, process = { env: {}, argv: [], stdout: {}, cwd: () => "" };' },
});
await build({
  ...common,
  stdin: {
    contents: ['./runner.mjs', ...specs, './built.mjs', './run.mjs']
      .map((path) => `import ${JSON.stringify(path)};`)
      .join('\n'),
    resolveDir: here('.'),
    sourcefile: 'suite',
  },
  entryNames: 'suite',
  tsconfigRaw: { compilerOptions: { target: 'es2022' } },
});
