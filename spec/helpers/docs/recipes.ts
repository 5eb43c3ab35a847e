/** Runs the programs of examples/recipes in this process, with the library as it is in lib/. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { AnyScgiHandler } from '../../../lib/index.js';
import * as rxscgi from '../../../lib/index.js';
import * as node from '../../../lib/node/index.js';
import { ROOT } from '../command/build.js';
import { runSnippet } from './snippets.js';

export const RECIPES = join(ROOT, 'examples/recipes');

/** Where the packages of the recipes are, when they are installed. */
export const PACKAGES = join(ROOT, 'spec/examples');

/** For `describeWith`: empty when the packages are installed, else the command that installs them. */
export const INSTALLED = existsSync(join(PACKAGES, 'node_modules/busboy'))
  ? []
  : ['npm ci --prefix spec/examples'];

/** What a program of examples/recipes exports. @param env - what it finds in `process.env`. */
export function loadRecipe(
  name: string,
  env: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  const own: Readonly<Record<string, unknown>> = { rxscgi, 'rxscgi/node': node };
  const load = createRequire(join(PACKAGES, 'package.json'));
  const modules = new Proxy(own, {
    has: () => true,
    get: (_, id: string) => {
      if (id in own) return own[id];
      if (id.startsWith('./')) return loadRecipe(join(dirname(name), id), env);
      return load(id) as unknown;
    },
  });
  const code = readFileSync(join(RECIPES, name), 'utf8');
  // A test can set its own clock, which compiled code does not see by itself.
  return runSnippet({ language: 'js', code, page: name, line: 1 }, modules, {
    process: { ...process, env },
    Date,
  });
}

/** The handler that a recipe exports. */
export function recipe(name: string, env?: Readonly<Record<string, string>>): AnyScgiHandler {
  return loadRecipe(name, env).default as AnyScgiHandler;
}
