/** Shows values in error messages: shortened, and without running any code of the value. */

const MAX_CHARACTERS = 80;

const { get: classOf } = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
) as { get: (this: unknown) => string | undefined };

/** As `quoted`, for what was to be bytes. */
export function quotedChunk(value: unknown): string {
  return classOf.call(value) === 'Uint8Array'
    ? 'a Uint8Array whose length is not the number of its bytes'
    : quoted(value);
}

/** Text in quotes, cut after 80 characters; a number, boolean, `null` or `undefined` as it is; a word for anything else. */
export function quoted(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > MAX_CHARACTERS ? `${value.slice(0, MAX_CHARACTERS)}...` : value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}
