/** Body chunks as applications give them, to bytes; and which bodies are usable. */
import type { ObservableInput } from 'rxjs';
import { ScgiUsageError } from '../../core/errors/errors.js';
import { encodeLatin1, isBytes } from '../../core/text/latin1.js';
import { quotedChunk } from '../../core/text/quoted.js';
import type { BodyChunk, ScgiResponse } from '../types.js';

/** A body that is still to come. */
export type Streaming = Exclude<NonNullable<ScgiResponse['body']>, BodyChunk>;

// The engine also loads where there is none.
const encoder = typeof TextEncoder === 'undefined' ? undefined : new TextEncoder();

/** Up to this length, a look at each character costs less than an encoder, and finds that most texts need none. */
const MAX_LOOKED_AT = 1024;

const ASCII = /^[\0-\x7f]*$/;

/** What to give instead of what people try to use as a body, by its `Object.prototype.toString`. */
const ADVICE: Readonly<Record<string, string>> = {
  ArrayBuffer: 'give new Uint8Array(buffer)',
  SharedArrayBuffer: 'give new Uint8Array(buffer)',
  DataView: 'give new Uint8Array(view.buffer, view.byteOffset, view.byteLength)',
  Blob: 'give blob.stream()',
  File: 'give file.stream()',
  FormData: 'return new Response(formData), which has its Content-Type',
  URLSearchParams: 'give params.toString()',
  Response: 'return it as the response, or give its body',
  Object: 'give JSON.stringify(value), with a Content-Type',
  Function: 'call it, and give what it returns',
};
const ADVICE_FOR_OTHERS = 'give a string, a Uint8Array, or a source of them';
const ADVICE_FOR_SUBSCRIBABLES = 'wrap it: new Observable((subscriber) => source.subscribe(subscriber))';

/** Marks objects that RxJS accepts as Observables; it looks for the same property. */
export const INTEROP = Symbol.observable ?? '@@observable';

/** Pairs, which are iterable but never chunks. */
const PAIRS = new Set(['FormData', 'URLSearchParams', 'Map', 'Headers']);

/** Whether a value is text or bytes. */
export function isChunk(value: unknown): value is BodyChunk {
  return typeof value === 'string' || isBytes(value);
}

/**
 * Returns a body that is not at hand, if it is a source of chunks.
 *
 * @throws ScgiUsageError ERR_SCGI_BODY_TYPE for anything else; its message says what to give instead.
 */
export function checkedStream(body: unknown): Streaming {
  if (!isSourceOfChunks(body)) throw wrongType('the body', body);
  return body as Streaming;
}

/** Text as UTF-8, bytes as they are. @throws ScgiUsageError ERR_SCGI_BODY_TYPE for anything else. */
export function bytesOf(chunk: BodyChunk): Uint8Array {
  if (typeof chunk === 'string') return encodeUtf8(chunk);
  if (isBytes(chunk)) return chunk;
  throw wrongType('a chunk of the body', chunk);
}

/** Whether a chunk is text whose characters are its bytes, and short enough to have been looked at. */
export function isShortAscii(chunk: BodyChunk): chunk is string {
  return typeof chunk === 'string' && chunk.length <= MAX_LOOKED_AT && ASCII.test(chunk);
}

/** Whether a value is what `ObservableInput` is, without the iterables whose items cannot be chunks. */
export function isSourceOfChunks(body: unknown): boolean {
  return isObservableInput(body) && !ArrayBuffer.isView(body) && !PAIRS.has(tagOf(body));
}

/** Whether RxJS's `from` takes a value: a key such as `then` counts only where it is a method. */
export function isObservableInput(value: unknown): value is ObservableInput<unknown> & object {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return (
    hasMethod(value, INTEROP) ||
    hasMethod(value, 'then') ||
    hasMethod(value, 'getReader') ||
    hasMethod(value, Symbol.asyncIterator) ||
    hasMethod(value, Symbol.iterator) ||
    (typeof value === 'object' && typeof (value as { length?: unknown }).length === 'number')
  );
}

/** Whether a value has a method of a name. */
export function hasMethod<K extends PropertyKey>(
  value: object,
  name: K,
): value is Record<K, (...parameters: never) => unknown> {
  return typeof (value as Partial<Record<K, unknown>>)[name] === 'function';
}

/** What to do with an object that has `subscribe`, but that RxJS does not accept as an Observable. */
export function adviceForSubscribable(value: object): string | undefined {
  return hasMethod(value, 'subscribe') ? ADVICE_FOR_SUBSCRIBABLES : undefined;
}

function wrongType(what: string, value: unknown): ScgiUsageError {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const tag = isObject ? tagOf(value) : String(value === null ? value : typeof value);
  const advice = ArrayBuffer.isView(value)
    ? ADVICE.DataView
    : ((isObject ? adviceForSubscribable(value) : undefined) ?? ADVICE[tag]);
  const is = tag === 'Uint8Array' ? quotedChunk(value) : `of type ${tag}, neither a string nor a Uint8Array`;
  return new ScgiUsageError('ERR_SCGI_BODY_TYPE', `${what} is ${is}; ${advice ?? ADVICE_FOR_OTHERS}`);
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function encodeUtf8(text: string): Uint8Array {
  if (isShortAscii(text)) return encodeLatin1(text);
  return (encoder as TextEncoder).encode(text);
}
