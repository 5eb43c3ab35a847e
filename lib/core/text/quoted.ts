/** Shows values in error messages: shortened, and without running any code of the value. */

const MAX_CHARACTERS = 80;

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
