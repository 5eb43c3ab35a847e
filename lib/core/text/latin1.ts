/** Bytes, and ISO-8859-1, in which every byte is a character: converts bytes to strings and back without loss. */

/** The methods that `Buffer` adds to a Uint8Array. Its type is not used, since the engine also runs without it. */
interface NativeLatin1 {
  latin1Slice?: (this: Uint8Array, start: number, end: number) => string;
  latin1Write?: (this: Uint8Array, text: string, offset: number, length: number) => number;
}

// Not TextDecoder: by its standard, 'latin1' means windows-1252, which decodes 80..9f to other characters.
const NodeBuffer = (globalThis as { Buffer?: { prototype: NativeLatin1 } }).Buffer;
const native = NodeBuffer?.prototype;

/** `String.fromCharCode` takes its input as arguments, and engines limit their number. */
const MAX_ARGUMENTS = 4096;

function sliceByCharCode(this: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let from = start; from < end; from += MAX_ARGUMENTS) {
    text += String.fromCharCode(...this.subarray(from, Math.min(end, from + MAX_ARGUMENTS)));
  }
  return text;
}

function writeByCharCode(this: Uint8Array, text: string, offset: number, length: number): number {
  for (let i = 0; i < length; i++) this[offset + i] = text.charCodeAt(i);
  return length;
}

const slice = native?.latin1Slice ?? sliceByCharCode;
const write = native?.latin1Write ?? writeByCharCode;

/** Returns the characters of `bytes[start, end)`, one for each byte. */
export function decodeLatin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return slice.call(bytes, start, end);
}

/** Writes one byte for each character. The caller makes sure that no character is above ff. */
export function writeLatin1(text: string, target: Uint8Array, offset = 0): void {
  write.call(target, text, offset, text.length);
}

/** Returns the bytes of a text. The caller makes sure that no character is above ff. */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeLatin1(text, bytes);
  return bytes;
}

/** Whether bytes have no memory any more: their buffer was transferred to somebody else. They look like no bytes at all. */
export function isDetached(bytes: Uint8Array): boolean {
  if (bytes.length > 0) return false;
  try {
    // Throws where the buffer is detached; `buffer.detached` is not in every runtime.
    new Uint8Array(bytes.buffer);
    return false;
  } catch {
    return true;
  }
}

/** Whether a value is an array of bytes. By shape, not by class: bytes of another realm are bytes. */
export function isBytes(value: unknown): value is Uint8Array {
  try {
    return ArrayBuffer.isView(value) && (isPlain(value) || looksLikeBytes(value as Uint8Array));
  } catch {
    // A property of it cannot even be read.
    return false;
  }
}

/** Nearly all chunks are of these two classes, whose `length` is true. Engines look a `constructor` up once, and a prototype each time. */
function isPlain({ constructor }: ArrayBufferView): boolean {
  return constructor === Uint8Array || constructor === NodeBuffer;
}

const { get: trueLength } = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'length',
) as { get: (this: Uint8Array) => number };

/** A subclass may say anything of its `length`: whoever counts by one that is not true loses bytes, or never ends. */
function looksLikeBytes(value: Uint8Array): boolean {
  return value.BYTES_PER_ELEMENT === 1 && value.length === trueLength.call(value);
}
