/** Checks what a handler gives before it is sent: all keys of a response are optional, so that much looks like one. */
import { ScgiUsageError } from '../../core/errors/errors.js';
import { didYouMean, unknownKeyOf } from '../../core/text/nearest.js';
import { INTEROP, adviceForSubscribable, isChunk, isObservableInput } from './body-chunk.js';
import type { ScgiResponse } from '../types.js';

const KEYS = new Set(['status', 'headers', 'body']);
const SHAPES = 'an object { status, headers, body }, in which each key is optional, or a source of one';

/**
 * Returns what it was given, if that is a response: an object with keys of a response alone, or an instance of a class
 * that has one of them, such as a fetch `Response`.
 *
 * @throws ScgiUsageError ERR_SCGI_NO_RESPONSE for text, bytes, errors, nothing, misspelt keys, and sources of responses.
 */
export function checkedResponse(response: unknown): ScgiResponse {
  if (
    typeof response !== 'object' ||
    response === null ||
    hasKeyOfSource(response) ||
    response instanceof Error
  )
    throw notAResponse(response);
  if (isPlain(response)) {
    const unknown = unknownKeyOf(response, KEYS);
    if (unknown !== undefined) throw unknownKey(unknown);
  } else if (
    // A request has headers and a body as well, and its body would be sent back.
    'method' in response ||
    !('body' in response || 'status' in response || 'headers' in response)
  ) {
    throw notAResponse(response);
  }
  return response;
}

/** Whether a response is a `Response` of fetch, of whichever realm or package. */
export function isFetchResponse(response: object): boolean {
  return !isPlain(response) && Object.prototype.toString.call(response) === '[object Response]';
}

/** Whether an object is made by `{}`, in any realm; a Date, a Blob or an ArrayBuffer is not. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether a value is wrapped once too often, as by `of(fetch(url))` or `of([response])`, or is meant as a source. */
function hasKeyOfSource(value: object): boolean {
  return (
    'then' in value ||
    'subscribe' in value ||
    INTEROP in value ||
    Symbol.iterator in value ||
    Symbol.asyncIterator in value
  );
}

function unknownKey(key: string): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_NO_RESPONSE',
    `a response has no key '${key.slice(0, 100)}'${didYouMean(key, KEYS) || '; its keys are status, headers and body'}`,
  );
}

function notAResponse(value: unknown): ScgiUsageError {
  return new ScgiUsageError(
    'ERR_SCGI_NO_RESPONSE',
    `the handler gave ${kindOf(value)}, which is not a response; ${adviceFor(value)}`,
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  const name = (value.constructor as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? name : 'object';
}

function adviceFor(value: unknown): string {
  if (isChunk(value)) return 'put it into an object, as { body }';
  if (typeof value === 'object' && value !== null && 'method' in value)
    return 'it is a request: return { body: request.body } to send its body back';
  if (isObservableInput(value)) return 'it may hold one: return it as it is, without of()';
  const advice = typeof value === 'object' && value !== null ? adviceForSubscribable(value) : undefined;
  return advice ?? `return ${SHAPES}`;
}
