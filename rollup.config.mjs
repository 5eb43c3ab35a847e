/** Builds the entries of package.json from lib/ into dist/esm and dist/cjs: few files, which load fast, with declarations. */
import { chmodSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import dts from 'rollup-plugin-dts';
import ts from 'typescript';

const FORMATS = { esm: 'module', cjs: 'commonjs' };
const COMMAND = 'cli/main';
/** The page of `rxscgi dev --inspect`, which is served as it is. */
const PAGE = 'cli/inspect/page';
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const names = Object.keys(exports).filter((name) => !name.endsWith('.json'));
const library = names.map((name) => (name === '.' ? 'index' : `${name.slice(2)}/index`));

const inputOf = (entries) => Object.fromEntries(entries.map((entry) => [entry, `lib/${entry}.ts`]));
const external = (id) => !/^[./]/.test(id);

/** A warning fails the build, but for the types that an exported type mentions and that are not exported themselves. */
function onLog(level, log, handle) {
  if (level !== 'warn') handle(level, log);
  else if (log.plugin !== 'dts') handle('error', log);
}

const { options: compilerOptions } = ts.getParsedCommandLineOfConfigFile(
  'lib/tsconfig.json',
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic(diagnostic) {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
    },
  },
);

/** Compiles file by file, without types: `npm run types` checks them. */
const compile = {
  name: 'compile',
  resolveId: (name, importer) =>
    importer && name.startsWith('.') ? resolve(dirname(importer), name).replace(/\.js$/, '.ts') : null,
  load(fileName) {
    // Comments are in the declarations and in lib/. In the code they would take memory: two bytes a character, because of a few.
    const options = { ...compilerOptions, sourceMap: true, removeComments: true };
    const source = readFileSync(fileName, 'utf8');
    const { outputText, sourceMapText } = ts.transpileModule(source, { fileName, compilerOptions: options });
    return { code: outputText, map: sourceMapText };
  },
};

/** Replaces what an earlier build left, as late as possible; adds the type of the .js files, and makes the command run. */
const finish = (format) => ({
  name: 'finish',
  generateBundle({ dir }, bundle) {
    if (format === 'cjs')
      for (const file of Object.keys(bundle)) if (file.startsWith(COMMAND)) delete bundle[file];
    this.emitFile({
      type: 'asset',
      fileName: 'package.json',
      source: JSON.stringify({ type: FORMATS[format] }),
    });
    if (format === 'esm') {
      for (const file of readdirSync(`lib/${PAGE}`, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const path = `${file.parentPath}/${file.name}`;
        this.emitFile({ type: 'asset', fileName: path.slice('lib/'.length), source: readFileSync(path) });
      }
    }
    rmSync(dir, { recursive: true, force: true });
  },
  writeBundle({ dir }) {
    if (format === 'esm') chmodSync(`${dir}/${COMMAND}.js`, 0o755);
  },
});

export default [
  {
    input: inputOf([...library, COMMAND]),
    external,
    onLog,
    plugins: [compile],
    output: Object.keys(FORMATS).map((format) => ({
      dir: `dist/${format}`,
      format,
      // What two entries share is in a file of its own, so that each class exists once.
      chunkFileNames: 'shared-[hash].js',
      esModule: true,
      sourcemap: true,
      sourcemapExcludeSources: true,
      plugins: [finish(format)],
    })),
  },
  {
    input: inputOf(library),
    external,
    onLog,
    plugins: [
      dts({ tsconfig: 'lib/tsconfig.json', compilerOptions: { lib: ['lib.es2023.d.ts'], types: [] } }),
    ],
    output: Object.keys(FORMATS).map((format) => ({
      dir: `dist/${format}`,
      chunkFileNames: 'shared-[hash].d.ts',
    })),
  },
];
