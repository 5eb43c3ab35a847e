/**
 * What there is to say about a thrown value.
 *
 * Anything can be thrown: a Proxy that was revoked, an error whose getters throw, a message of 100 MB. No value makes these
 * functions throw, and what they return is bounded. They are linear in the length of the value's texts.
 */
import { isScgiError } from './errors.js';
import { escapeMessage, shorten } from '../text/printable-text.js';
import { framesOf } from './stack-frames.js';

export interface ErrorFacts {
  /** The error's `code`, else its `name`; `thrown` for a value that has neither. */
  readonly code: string;
  readonly message: string;
  /** Lines of the stack, innermost first: `at handle (file:///app.mjs:3:9)`. Empty for errors of this library. */
  readonly frames: readonly string[];
  /** The error's `cause`; the first of the `errors` of an AggregateError that has no cause. */
  readonly cause: ErrorFacts | undefined;
}

const MAX_CODE_LENGTH = 100;
const MAX_MESSAGE_LENGTH = 4096;
const MAX_CAUSES = 8;
/** Of a thrown object that is shown as JSON: what is shown in all, and of each array. */
const MAX_JSON_PARTS = 1000;
const MAX_JSON_ITEMS = 100;

/** Looks at a thrown value. */
export function errorFacts(error: unknown): ErrorFacts {
  return factsOf(error, []);
}

function factsOf(error: unknown, outer: readonly unknown[]): ErrorFacts {
  const name = readProperty(error, 'name');
  const code = [readProperty(error, 'code'), name].find((each) => typeof each === 'string' && each !== '');
  const own = readProperty(error, 'message');
  const message = own === undefined ? textOf(error) : textOf(own);
  const cause = readProperty(error, 'cause') ?? readProperty(readProperty(error, 'errors'), '0');
  const chain = [...outer, error];
  const isNew = cause !== undefined && cause !== null && !chain.includes(cause);
  return {
    code: code === undefined ? 'thrown' : shorten(code as string, MAX_CODE_LENGTH),
    message: shorten(message, MAX_MESSAGE_LENGTH),
    frames: isScgiError(error) ? [] : framesOf(readProperty(error, 'stack'), message, name),
    cause: isNew && chain.length <= MAX_CAUSES ? factsOf(cause, chain) : undefined,
  };
}

/** `TypeError: no such thing`. A code that the message names is not repeated. */
export function titleOf({ code, message }: ErrorFacts): string {
  if (message === '') return code;
  const named = /^[A-Z0-9_]+$/.test(code) ? message.includes(code) : message.startsWith(`${code}: `);
  return named ? message : `${code}: ${message}`;
}

/** The causes of an error, outermost first, without those that the message before them quotes. */
export function causesOf(facts: ErrorFacts): ErrorFacts[] {
  const causes: ErrorFacts[] = [];
  let told = facts.message;
  for (let { cause } = facts; cause; { cause } = cause) {
    if (cause.message !== '' && told.includes(cause.message)) continue;
    causes.push(cause);
    told = cause.message;
  }
  return causes;
}

/**
 * A report of a thrown value for a terminal: its title, the frames of its stack, and the same of its causes. Each line is
 * safe to print.
 */
export function errorLines(error: unknown): string[] {
  const facts = errorFacts(error);
  return [facts, ...causesOf(facts)].flatMap((each, depth) => [
    `${depth === 0 ? '' : '  caused by '}${escapeMessage(titleOf(each))}`,
    ...each.frames.map((frame) => `    ${escapeMessage(frame)}`),
  ]);
}

/** The `status` of an error, if it is one that can answer a request: errors of other libraries have a `status` of their own. */
export function answeringStatus(error: unknown): number | undefined {
  const status = readProperty(error, 'status');
  const isStatus = typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;
  return isStatus ? status : undefined;
}

/** Whether an error has a status of 400 to 499: it is an answer to the client, not a failure of the application. */
export function isClientError(error: unknown): boolean {
  const status = readProperty(error, 'status');
  return typeof status === 'number' && status >= 400 && status < 500;
}

/** The property of any value; `undefined` where looking at it throws. */
export function readProperty(value: unknown, key: string | symbol): unknown {
  try {
    return (value as Record<string | symbol, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    // A million elements would be a million texts.
    if (ArrayBuffer.isView(value)) return Object.prototype.toString.call(value);
    const text = Array.isArray(value) ? '[object Array]' : String(value);
    return text === '[object Object]' || text === '[object Array]' ? (jsonOf(value) ?? text) : text;
  } catch {
    return `[${typeof value}]`;
  }
}

/** The beginning of a value as JSON; nothing, when its toJSON returns nothing. */
function jsonOf(value: unknown): string | undefined {
  let seen = 0;
  return JSON.stringify(value, (_key, part: unknown) => {
    if (++seen > MAX_JSON_PARTS) return undefined;
    return Array.isArray(part) && part.length > MAX_JSON_ITEMS ? part.slice(0, MAX_JSON_ITEMS) : part;
  });
}
