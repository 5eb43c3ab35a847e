/** Finds the build of the library to load: the one of this repository, or of the package folder in RXSCGI_BUILD. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HERE = fileURLToPath(new URL('../..', import.meta.url));
const folder = resolve(process.env.RXSCGI_BUILD ?? HERE);

/** Imports an entry of the build: `index`, `node/index`, … */
export function load(entry) {
  return import(pathToFileURL(fileOf(folder, entry)));
}

/** The copy of RxJS that the build uses. A second copy would be loaded, compiled and measured with it. */
export const rxjs = createRequire(join(folder, 'package.json'))('rxjs');

/** @throws Error when `folder` holds no build. @returns the environment of a program that loads this build. */
export function environmentOf(folder) {
  const path = resolve(folder);
  if (!existsSync(fileOf(path, 'index'))) throw new Error(`there is no build in ${path}: npm run build`);
  return { ...process.env, RXSCGI_BUILD: path };
}

function fileOf(folder, entry) {
  return join(folder, 'dist', 'esm', `${entry}.js`);
}
