/** Runs the modules of docs/guide, and checks its commands. */
import { createRequire } from 'node:module';
import type { ScgiHandler } from '../../../lib/index.js';
import * as rxscgi from '../../../lib/index.js';
import * as testing from '../../../lib/testing/index.js';
import { runInProcess } from '../command/in-process.js';
import { readPage, runSnippet, snippetsOf, type Snippet } from './snippets.js';

const load = createRequire(__filename);

/** The blocks of a language on a page. */
export function blocksOf(page: string, language: string): Snippet[] {
  return snippetsOf(readPage(page)).filter((snippet) => snippet.language === language);
}

/**
 * Runs a module of a page.
 *
 * @param modules - what it imports besides `rxjs`, `rxscgi`, `rxscgi/testing` and `node:*`.
 * @param globals - what it finds in its scope, such as `console`.
 * @returns what it exports.
 */
export function runModule(
  snippet: Snippet,
  modules: Readonly<Record<string, unknown>> = {},
  globals: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const builtIn = Array.from(snippet.code.matchAll(/from '(rxjs|node:[a-z_/]+)'/g), ([, name = '']) => name);
  const loaded = Object.fromEntries(builtIn.map((name) => [name, load(name) as unknown]));
  return runSnippet(snippet, { ...loaded, rxscgi, 'rxscgi/testing': testing, ...modules }, globals);
}

/** The handler that a module of a page exports. */
export function handlerOf(snippet: Snippet, globals?: Readonly<Record<string, unknown>>): ScgiHandler {
  return runModule(snippet, {}, globals).default as ScgiHandler;
}

/** The flags in the `rxscgi` commands of a page that the commands' own help does not list, and commands that do not exist. */
export async function unknownFlagsOf(page: string): Promise<string[]> {
  const unknown: string[] = [];
  const lines = blocksOf(page, 'sh').flatMap(({ code }) => [
    ...code.matchAll(/\brxscgi ([a-z]+)([^|>\n]*)/g),
  ]);
  for (const [line, command = '', rest = ''] of lines) {
    const { code, lines: help } = await runInProcess([command, '--help']);
    const flags = Array.from(rest.matchAll(/(?<= )--?[a-z-]+/g), ([flag]) => flag);
    const missing = flags.filter((flag) => !new RegExp(`${flag}\\b`).test(help.join('\n')));
    unknown.push(...(code === 0 ? missing : [command]).map((each) => `${each} in ${line}`));
  }
  return unknown;
}
