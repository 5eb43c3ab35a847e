/** One file of lib/ as JavaScript, as `isolatedModules` allows: errors are for `tsc` to find. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const { config } = typescript.readConfigFile(`${root}/tsconfig.json`, typescript.sys.readFile);
const { options: compilerOptions } = typescript.convertCompilerOptionsFromJson(
  {
    target: config.compilerOptions.target,
    module: 'es2022',
    sourceMap: true,
    // The types have them, and lib/. Here they would be held in memory, two bytes a letter because of their arrows.
    removeComments: true,
  },
  root,
);

/** @returns ECMAScript with `import` and `export`, and the map that leads from it to the file. */
export function compile(fileName) {
  const source = readFileSync(fileName, 'utf8');
  const { outputText, sourceMapText } = typescript.transpileModule(source, { fileName, compilerOptions });
  return { code: outputText, map: sourceMapText };
}
