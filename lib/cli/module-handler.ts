/** Tells by its shape what a module exports as its default: a handler, a fetch application, or something else. */
import { fromFetch, type FetchApplication } from '../adapters/from-fetch.js';
import type { ScgiHandler } from '../operators/types.js';
import { CommandError, EXIT_MISUSED } from './command-error.js';

const WANTED =
  'its default export must be a function, from a request to its response, or an application with fetch()';

/**
 * Returns the handler among a module's exports.
 *
 * An object with `fetch` is run by `fromFetch`. A handler takes one argument. A function that declares more is a request listener of `node:http`, as Express applications are, and
 * would fail at the first request.
 *
 * @param namespace - the module's exports.
 * @param path - the module, as the command line names it.
 * @throws CommandError that says what the module exports instead.
 */
export function handlerOf(namespace: object, path: string): ScgiHandler {
  const { default: exported } = namespace as { default?: unknown };
  // TypeScript's and Babel's CommonJS: exports.default = …
  const handler = (exported as { default?: unknown } | null | undefined)?.default ?? exported;
  if (isFetchApplication(handler)) return fromFetch(handler);
  const found = typeof handler === 'function' ? otherFunction(handler) : otherValue(handler);
  if (found === undefined) return handler as ScgiHandler;
  throw new CommandError(`${path} has no handler: it exports ${found}; ${WANTED}`, EXIT_MISUSED);
}

/** Whether a value is an object with `fetch`; a function is a handler, as both are called with a request. */
function isFetchApplication(value: unknown): value is FetchApplication {
  return typeof value === 'object' && value !== null && hasMethods(value, 'fetch');
}

/** Describes a function that is not a handler; `undefined` for a handler. */
function otherFunction(value: object): string | undefined {
  const { length } = value as { length: number };
  if (hasMethods(value, 'handle', 'use', 'listen'))
    return `an Express application, ${notYet('fromRequestListener')}`;
  if (/^class\b/.test(Function.prototype.toString.call(value))) return 'a class';
  if (length > 1) {
    return `a function of ${length} arguments, such as a request listener of node:http, ${notYet('fromRequestListener')}`;
  }
  return undefined;
}

/** Describes any other value. */
function otherValue(value: unknown): string {
  if (value === undefined) return 'no default';
  if (value === null || typeof value !== 'object') return describe(value);
  if (hasMethods(value, 'listen')) {
    return `a server of node:http or an application such as Koa's or Fastify's, ${notYet('fromRequestListener')}`;
  }
  if (hasMethods(value, 'then')) return 'a Promise, which the module must await';
  return describe(value);
}

function notYet(adapter: string): string {
  return `which this version does not run (${adapter} is to come)`;
}

function hasMethods(value: object, ...names: readonly string[]): boolean {
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

/** Names the type of a value: `a string`. */
export function describe(value: unknown): string {
  return value === null ? 'null' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
