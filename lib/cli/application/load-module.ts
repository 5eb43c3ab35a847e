/** Loads the module of an application: ESM, CommonJS, or TypeScript where Node.js or a loader reads it. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defer, map, type Observable } from 'rxjs';
import type { StartContext } from '../../system/serving/serve-options.js';
import type { ScgiHandler } from '../../operators/types.js';
import { CommandError, EXIT_FAILED, EXIT_MISUSED } from '../command-error.js';
import { errorFacts, errorLines } from '../../core/errors/error-facts.js';
import { framesOf } from '../../core/errors/stack-frames.js';
import { errorText, placesOf, shortPath } from '../log/error-text.js';
import { describe, handlerOf } from './module-handler.js';

/** What a module exports. */
export interface Application {
  /** The module, as the command line names it. */
  readonly path: string;
  readonly handler: ScgiHandler;
  /** Called before listening; awaited if it returns a Promise or an Observable. */
  readonly start: ((context: StartContext) => unknown) | undefined;
  /** Called after draining; awaited like `start`. */
  readonly stop: (() => unknown) | undefined;
}

/** Places in the message of a module's error: where it was thrown, and the callers or importers. */
const MAX_PLACES = 5;

/** Files in which a syntax error is looked for: each takes about 50 ms. */
const MAX_CHECKED_FILES = 10;

/** NODE_OPTIONS may make a check wait for a debugger. */
const CHECK_TIMEOUT_MS = 2000;

const TYPESCRIPT = /\.[cm]?tsx?$/;

/**
 * Loads the module at `path`, relative to the current folder: cold.
 *
 * @param imported - where somebody notes the files that it imports, in their order; they help to find a syntax error.
 * Error notifications: CommandError, with EXIT_MISUSED when there is no such module or it exports no handler, and with EXIT_FAILED when it
 * throws.
 */
export function loadModule(path: string, imported: readonly string[] = []): Observable<Application> {
  return defer(() => importFile(checkModule(path), path, imported)).pipe(
    map((namespace) => ({
      path,
      handler: handlerOf(namespace, path),
      start: hookOf(namespace, 'start', path),
      stop: hookOf(namespace, 'stop', path),
    })),
  );
}

/** Returns the module's file. @throws CommandError when there is none. */
export function checkModule(path: string): string {
  const file = resolve(path);
  const fault = faultOf(file);
  if (fault === undefined) return file;
  throw new CommandError(`${path} ${fault} (${file})`, EXIT_MISUSED);
}

function faultOf(file: string): string | undefined {
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat?.isFile() ? undefined : stat ? 'is not a file' : 'does not exist';
  } catch (error) {
    // A folder that this user may not enter, a link that leads in a circle.
    return `cannot be read: ${(error as NodeJS.ErrnoException).code}`;
  }
}

async function importFile(file: string, path: string, imported: readonly string[]): Promise<object> {
  try {
    return (await import(pathToFileURL(file).href)) as object;
  } catch (error) {
    throw loadError(error, path, [file, ...imported.toReversed()]);
  }
}

/** `export function start()`; for CommonJS a property of what is exported. */
function hookOf<Name extends 'start' | 'stop'>(
  namespace: object,
  name: Name,
  path: string,
): Application[Name] {
  const { default: exported, [name]: named } = namespace as Record<string, unknown>;
  // An object of the application may have a method of that name: only functions and TypeScript's exports are searched.
  const { default: inner, [name]: inside } = (exported ?? {}) as Record<string, unknown>;
  const hook = named ?? (typeof exported === 'function' || inner !== undefined ? inside : undefined);
  if (hook === undefined || typeof hook === 'function') return hook as Application[Name];
  throw new CommandError(`${path} exports ${describe(hook)} as ${name}; it must be a function`, EXIT_MISUSED);
}

/** @param files - the module and what it has imported, the last first. */
function loadError(error: unknown, path: string, files: readonly string[]): CommandError {
  const { code, message, frames } = errorFacts(error);
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    const unread = /for (.*)$/.exec(message)?.[1] ?? path;
    return new CommandError(
      TYPESCRIPT.test(unread) ? noLoader(path, shortPath(unread)) : message,
      EXIT_MISUSED,
    );
  }
  const isUnplaced = code === 'SyntaxError' && placesOf(frames).length === 0;
  const where = isUnplaced ? syntaxErrorPlace(files) : undefined;
  const what = `${path} failed to load: ${errorText(error, MAX_PLACES)}`;
  return new CommandError(where === undefined ? what : `${what} (${where})`, EXIT_FAILED, errorLines(error));
}

function noLoader(path: string, unread: string): string {
  return (
    `${unread} is TypeScript, which this Node.js (${process.version}) does not read by itself: use Node.js 22.18 or later, ` +
    `or a loader: npm install --save-dev tsx, then NODE_OPTIONS='--import tsx' rxscgi ... ${path}`
  );
}

/** Finds a syntax error in an ES module: the error does not say where it is, but `node --check` does. */
function syntaxErrorPlace(files: readonly string[]): string | undefined {
  for (const file of new Set(files.slice(0, MAX_CHECKED_FILES))) {
    // A second debugger would have no port, or wait to be attached.
    const args = [...process.execArgv.filter((each) => !each.startsWith('--inspect')), '--check', file];
    const { stderr, status } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: CHECK_TIMEOUT_MS,
    });
    if (status !== 0) return placesOf(framesOf(stderr, '', 'SyntaxError'))[0];
  }
  return undefined;
}
