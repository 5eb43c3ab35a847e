/** Keeps foreign text in its place in a line of a log. CWE-117, CWE-150; for messages, see `escapeMessage` in lib/core. */
import { hexEscape, replaceUnprintable } from '../../core/text/printable-text.js';

// All that is not ASCII as well: the bytes of a URI have no known charset.
// eslint-disable-next-line no-control-regex
const UNSAFE_OR_QUOTE = /[\0-\x1f"\\\x7f-\uffff]/g;

/** Escapes as Apache and nginx do in their logs: `\"`, `\\`, and `\xHH` for all but printable ASCII. */
export function escapeQuoted(text: string): string {
  return text.replace(UNSAFE_OR_QUOTE, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : hexEscape(character.charCodeAt(0)),
  );
}

/** Escapes bytes as text, one character each: `\\\\`, and `\\xHH` for all but printable ASCII. */
export function escapeBytes(text: string): string {
  return escapeQuoted(text).replaceAll('\\"', '"');
}

/** Escapes a field that ends at a space; `-` for an empty one. */
export function escapeField(text: string): string {
  return escapeQuoted(text).replaceAll(' ', '\\x20') || '-';
}

/** JSON that a terminal can show: characters that do not print are escaped. */
export function escapeJson(value: object): string {
  return replaceUnprintable(
    JSON.stringify(value),
    (codeUnit) => `\\u${codeUnit.toString(16).padStart(4, '0')}`,
  );
}
