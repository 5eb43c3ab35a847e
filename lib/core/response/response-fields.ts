/** Turns the header fields of a response into checked pairs: nothing that could split a response gets by. RFC 9110 §5. */
import { ScgiUsageError } from '../errors.js';
import type { ResponseHeaders } from '../events.js';

/** A field that may go out. */
export interface Field {
  readonly name: string;
  readonly lowerName: string;
  readonly value: string;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

// A code point above ff counts as well: written as ISO-8859-1, U+010D is the byte 0d, which is CR.
const UNSAFE = /[\0\r\n]|[^\0-\xff]/;

/** RFC 9110 §7.6.1 and RFC 3875 §6.3.4: these speak of one connection, which is the gateway's to manage. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
]);

/** Whether text would break out of its line, or change when it is written as ISO-8859-1. */
export function isUnsafe(text: string): boolean {
  return UNSAFE.test(text);
}

type FieldValue = string | readonly string[];

/** Names that have passed, with their lower case: an application has few, and sends them with each response. */
const passedNames = new Map<string, string>();
const MAX_PASSED_NAMES = 1000;
const MAX_PASSED_NAME_BYTES = 100;

/**
 * The fields in their order, each checked.
 *
 * @throws ScgiUsageError ERR_SCGI_HEADER_HOP_BY_HOP | ERR_SCGI_HEADER_INVALID
 */
export function checkedFields(headers: ResponseHeaders | undefined): Field[] {
  const fields: Field[] = [];
  if (headers === undefined) return fields;
  if (Symbol.iterator in headers) {
    for (const [name, value] of headers as Iterable<readonly [string, FieldValue]>) add(fields, name, value);
  } else {
    for (const name of Object.keys(headers)) add(fields, name, (headers as Record<string, FieldValue>)[name]);
  }
  return fields;
}

function add(fields: Field[], name: string, value: FieldValue | undefined): void {
  const lowerName = passedNames.get(name) ?? checkName(name);
  if (Array.isArray(value)) {
    for (const one of value as readonly string[]) {
      fields.push({ name, lowerName, value: checkValue(name, one) });
    }
  } else {
    fields.push({ name, lowerName, value: checkValue(name, value) });
  }
}

/** @returns the name in lower case. */
function checkName(name: string): string {
  const lower = name.toLowerCase();
  if (HOP_BY_HOP.has(lower)) {
    throw new ScgiUsageError(
      'ERR_SCGI_HEADER_HOP_BY_HOP',
      `the response has the field ${name}, which is about a connection and so the gateway's; leave it out`,
    );
  }
  if (lower === 'status') throw invalid('the status is given as `status`, not as a field');
  if (!TOKEN.test(name)) throw invalid(`${JSON.stringify(name)} is no field name (RFC 9110 §5.1)`);
  if (passedNames.size < MAX_PASSED_NAMES && name.length <= MAX_PASSED_NAME_BYTES)
    passedNames.set(name, lower);
  return lower;
}

function checkValue(name: string, value: unknown): string {
  if (typeof value !== 'string') throw invalid(`the field ${name} is ${typeof value}, not a string`);
  if (isUnsafe(value))
    throw invalid(`the field ${name} has CR, LF, NUL or a character above ff in its value`);
  return value;
}

function invalid(message: string): ScgiUsageError {
  return new ScgiUsageError('ERR_SCGI_HEADER_INVALID', message);
}
