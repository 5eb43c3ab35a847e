/** One file of lib/ as JavaScript, as `isolatedModules` allows: errors are for `tsc` to find. */
import { readFileSync } from 'node:fs';
import typescript from 'typescript';

const { ModuleKind, ScriptTarget, transpileModule } = typescript;
const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ES2022, sourceMap: true };

/** @returns ECMAScript with `import` and `export`, and the map that leads from it to the file. */
export function compile(fileName) {
  const { outputText, sourceMapText } = transpileModule(readFileSync(fileName, 'utf8'), {
    fileName,
    compilerOptions,
  });
  return { code: outputText, map: sourceMapText };
}
