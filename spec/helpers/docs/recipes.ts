/** Runs the modules of docs/recipes/programs.md. */
import { createRequire } from 'node:module';
import type { AnyScgiHandler } from '../../../lib/index.js';
import * as rxscgi from '../../../lib/index.js';
import { readPage, runSnippet, snippetsOf } from './snippets.js';

const OTHERS = ['rxjs', 'rxjs/fetch', 'node:crypto', 'node:fs/promises', 'node:os', 'node:path'];

export const RECIPES = snippetsOf(readPage('docs/recipes/programs.md')).filter(
  ({ language }) => language === 'ts',
);

/**
 * Returns the handler that a recipe exports.
 *
 * @param index - of the recipe on its page.
 * @param env - what it finds in `process.env`.
 */
export function recipe(index: number, env: Record<string, string> = {}): AnyScgiHandler {
  const load = createRequire(__filename);
  const modules = Object.fromEntries(OTHERS.map((name) => [name, load(name) as unknown]));
  const exported = runSnippet(RECIPES[index]!, { ...modules, rxscgi }, { process: { env } });
  return exported.default as AnyScgiHandler;
}
