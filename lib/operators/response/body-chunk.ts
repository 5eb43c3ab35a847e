/** Body chunks, as applications give them, to bytes. */
import { ScgiUsageError } from '../../core/errors.js';
import { encodeLatin1 } from '../../core/latin1.js';
import type { BodyChunk, ScgiResponse } from '../types.js';

// Made when first needed: the engine loads where there is none.
let encoder: TextEncoder | undefined;

/** Short texts are looked at first: those of ASCII, as most are, need no encoder, which costs more than they do. */
const MAX_LOOKED_AT = 1024;

const ASCII = /^[\0-\x7f]*$/;

/** Whether a body is at hand rather than a source of chunks. By shape: bytes of another realm are bytes. */
export function isChunk(body: unknown): body is BodyChunk {
  return (
    typeof body === 'string' ||
    (ArrayBuffer.isView(body) && 'BYTES_PER_ELEMENT' in body && body.BYTES_PER_ELEMENT === 1)
  );
}

/** Whether a body is a source of chunks; what is neither is for `bytesOf` to refuse. */
export function isStream(body: ScgiResponse['body']): body is Exclude<typeof body, BodyChunk | undefined> {
  return (typeof body === 'function' || (typeof body === 'object' && body !== null)) && !isChunk(body);
}

/** Text as UTF-8, bytes as they are. @throws ScgiUsageError ERR_SCGI_BODY_TYPE for anything else. */
export function bytesOf(chunk: BodyChunk): Uint8Array {
  if (typeof chunk === 'string') return encodeUtf8(chunk);
  if (isChunk(chunk)) return chunk;
  throw new ScgiUsageError(
    'ERR_SCGI_BODY_TYPE',
    `a chunk of the response's body is ${chunk === null ? 'null' : typeof chunk}, neither a string nor a Uint8Array`,
  );
}

/** Whether a chunk is text whose characters are its bytes, and short enough to have been looked at. */
export function isShortAscii(chunk: BodyChunk): chunk is string {
  return typeof chunk === 'string' && chunk.length <= MAX_LOOKED_AT && ASCII.test(chunk);
}

function encodeUtf8(text: string): Uint8Array {
  if (isShortAscii(text)) return encodeLatin1(text);
  return (encoder ??= new TextEncoder()).encode(text);
}
