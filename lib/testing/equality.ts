/** Compares what marble tests expect with what they get. */
import { isScgiError } from '../core/errors/errors.js';
import { isBytes } from '../core/text/latin1.js';

type Fields = Readonly<Record<string, unknown>>;

/** What test runners have for an expected value that is not one value. */
interface Matcher {
  readonly asymmetricMatch?: (actual: unknown) => unknown;
}

/** What tests assert of an error of the library: all but its prose. */
const FACTS = ['code', 'offset', 'limit', 'actual'] as const;

/**
 * Whether a value is what is expected: by content, whatever the class of an array or an object is made by; without keys that are
 * `undefined`. Besides:
 *
 * - bytes equal other bytes, and the text that they are in UTF-8;
 * - an error of this library equals another one with the same code and numbers, and any other error one of the same name and message;
 * - an error equals an object whose keys it has: `{ code: 'ERR_SCGI_HEADERS_ODD', offset: 17 }`;
 * - `Headers` equal an object of the same fields;
 * - a matcher of Jest's or Vitest's, such as `expect.anything()`, decides itself.
 */
export function isExpected(actual: unknown, expected: unknown, seen = new Map<object, unknown>()): boolean {
  if (Object.is(actual, expected)) return true;
  const { asymmetricMatch } = (expected ?? {}) as Matcher;
  if (typeof asymmetricMatch === 'function') return asymmetricMatch.call(expected, actual) === true;
  if (isBytes(actual)) return areSameBytes(actual, expected);
  if (!isObject(actual) || !isObject(expected)) return false;
  // A circle that is as far around on both sides.
  if (seen.get(actual) === expected) return true;
  seen.set(actual, expected);
  if (actual instanceof Error) return isExpectedError(actual, expected, seen);
  if (isHeaders(actual)) return areSameHeaders(actual, expected);
  if (actual instanceof Date && expected instanceof Date) return Object.is(+actual, +expected);
  if (hasNoKeys(actual) || hasNoKeys(expected) || Array.isArray(actual) !== Array.isArray(expected))
    return false;
  if (Symbol.iterator in actual || Symbol.iterator in expected) {
    if (!(Symbol.iterator in actual && Symbol.iterator in expected)) return false;
    return haveSameKeys([...(actual as Iterable<unknown>)], [...(expected as Iterable<unknown>)], seen);
  }
  return haveSameKeys(actual, expected, seen);
}

/** The facts of an error that count, for a comparison and for a message. */
export function factsOf(error: Error): Fields {
  if (!isScgiError(error)) return { name: error.name, message: error.message };
  const all = error as unknown as Fields;
  return Object.fromEntries(FACTS.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
}

/** Whether a value is `Headers` of any realm. */
export function isHeaders(value: object): value is Headers {
  return Object.prototype.toString.call(value) === '[object Headers]';
}

/** Whether an object is more than its keys say. */
function hasNoKeys(value: object): boolean {
  return typeof value === 'function' || value instanceof Error || value instanceof Date || isHeaders(value);
}

function isExpectedError(actual: Error, expected: object, seen: Map<object, unknown>): boolean {
  if (expected instanceof Error) return haveSameKeys(factsOf(actual), factsOf(expected), seen);
  const has = actual as unknown as Fields;
  const entries = Object.entries(expected);
  return entries.length > 0 && entries.every(([key, value]) => isExpected(has[key], value, seen));
}

function areSameBytes(actual: Uint8Array, expected: unknown): boolean {
  const bytes = typeof expected === 'string' ? new TextEncoder().encode(expected) : expected;
  return isBytes(bytes) && bytes.length === actual.length && actual.every((byte, i) => byte === bytes[i]);
}

function areSameHeaders(actual: Headers, expected: object): boolean {
  const other = isHeaders(expected) ? expected : new Headers(expected as Record<string, string>);
  return haveSameKeys([...actual], [...other], new Map());
}

function haveSameKeys(actual: object, expected: object, seen: Map<object, unknown>): boolean {
  const [has, wants] = [actual as Fields, expected as Fields];
  return [...new Set([...Object.keys(has), ...Object.keys(wants)])].every((key) =>
    isExpected(own(has, key), own(wants, key), seen),
  );
}

function own(object: Fields, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
