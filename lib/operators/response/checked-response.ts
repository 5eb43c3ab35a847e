/** What a handler gives, looked at before it is sent: with everything in a response being optional, much passes for one. */
import { ScgiUsageError } from '../../core/errors.js';
import { isChunk } from './body-chunk.js';
import type { ScgiResponse } from '../types.js';

/** @throws ScgiUsageError ERR_SCGI_NO_RESPONSE for text, bytes, errors, nothing, and sources of responses. */
export function checkedResponse(response: unknown): ScgiResponse {
  if (typeof response === 'object' && response !== null && looksLikeOne(response)) return response;
  throw new ScgiUsageError(
    'ERR_SCGI_NO_RESPONSE',
    `the handler gave ${kindOf(response)}, which is no response; ${adviceFor(response)}`,
  );
}

function looksLikeOne(value: object): boolean {
  if (isSource(value) || value instanceof Error) return false;
  return 'body' in value || 'status' in value || 'headers' in value || isPlain(value);
}

/** `{}` is a response; a Date, a Blob, an ArrayBuffer is none. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // By shape: an object of another realm is as plain.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Wrapped once too often: `of(fetch(url))`, `of([response])`. */
export function isSource(value: object): boolean {
  return 'then' in value || 'subscribe' in value || Symbol.iterator in value || Symbol.asyncIterator in value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object'
    ? ((value.constructor as { name?: string } | undefined)?.name ?? 'object')
    : typeof value;
}

function adviceFor(value: unknown): string {
  if (isChunk(value)) return 'a response is an object, which has that as its body';
  if (typeof value === 'object' && value !== null)
    return 'give what it holds: return it as it is, say, and not of(it)';
  return 'a response is an object: { status, headers, body }, of which each may be left out';
}
