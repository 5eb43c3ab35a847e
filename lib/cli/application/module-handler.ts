/** Tells by its shape what a module exports as its default: a handler, a fetch application, a request listener, or something else. */
import type { RequestListener } from 'node:http';
import { fromFetch, type FetchApplication } from '../../adapters/from-fetch.js';
import { fromRequestListener } from '../../node/request-listener/from-request-listener.js';
import type { ScgiHandler } from '../../operators/types.js';
import { CommandError, EXIT_MISUSED } from '../command-error.js';

const WANTED =
  'its default export must be a function, from a request to its response, an application with fetch(), or a listener (request, response)';

/**
 * Returns the handler among a module's exports.
 *
 *     a function of no argument or one                      a handler
 *     an object with fetch()                                fromFetch
 *     a function of two, or with handle(), use(), listen()  fromRequestListener: as Express has them
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
  if (isRequestListener(handler)) return fromRequestListener(handler);
  const found = typeof handler === 'function' ? otherFunction(handler) : otherValue(handler);
  if (found === undefined) return handler as ScgiHandler;
  throw new CommandError(`${path} has no handler: it exports ${found}; ${WANTED}`, EXIT_MISUSED);
}

/** Whether a value is an object with `fetch`; a function is a handler, as both are called with a request. */
function isFetchApplication(value: unknown): value is FetchApplication {
  return typeof value === 'object' && value !== null && hasMethods(value, 'fetch');
}

/** Express's and Connect's applications have a third argument, `next`. */
function isRequestListener(value: unknown): value is RequestListener {
  if (typeof value !== 'function' || isClass(value)) return false;
  return value.length === 2 || hasMethods(value, 'handle', 'use', 'listen');
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** Describes a function that is not a handler; `undefined` for a handler. */
function otherFunction(value: object): string | undefined {
  if (isClass(value)) return 'a class';
  const { length } = value as { length: number };
  if (length < 2) return undefined;
  return `a function of ${length} arguments, which may be middleware: if it is a request listener, export fromRequestListener() of it`;
}

/** Describes any other value. */
function otherValue(value: unknown): string {
  if (value === undefined) return 'no default';
  if (value === null || typeof value !== 'object') return describe(value);
  if (hasMethods(value, 'listen')) return application(value);
  if (hasMethods(value, 'then')) return 'a Promise, which the module must await';
  return describe(value);
}

/** Describes what listens by itself, and says where its listener is. */
function application(value: object): string {
  if (hasMethods(value, 'getHttpAdapter', 'init'))
    return "NestJS's application: export app.getHttpAdapter().getInstance() after await app.init()";
  if (hasMethods(value, 'routing', 'ready'))
    return "Fastify's application: export app.routing after await app.ready()";
  if (hasMethods(value, 'callback')) return "Koa's application: export app.callback()";
  return 'a server, which listens by itself: export its listener';
}

function hasMethods(value: object, ...names: readonly string[]): boolean {
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}

/** Names the type of a value: `a string`. */
export function describe(value: unknown): string {
  return value === null ? 'null' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
