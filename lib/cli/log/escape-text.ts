/** Keeps text from others to its place in a line of a log, or of a terminal. CWE-117, CWE-150. */

// Beyond ASCII as well: 80..9f control terminals, and bytes of a URI have no known charset.
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\0-\x1f\x7f-\uffff]/g;
// eslint-disable-next-line no-control-regex
const UNSAFE_OR_QUOTE = /[\0-\x1f"\\\x7f-\uffff]/g;

/** As Apache's and nginx's logs: `\"`, `\\`, and `\xHH` for what is no printable ASCII. */
export function escapeQuoted(text: string): string {
  return text.replace(UNSAFE_OR_QUOTE, (character) =>
    /["\\]/.test(character) ? `\\${character}` : hexOf(character),
  );
}

/** A field that ends at a space. */
export function escapeField(text: string): string {
  return escapeQuoted(text).replaceAll(' ', '\\x20') || '-';
}

/** A message for people, on one line: quotes stay, and words in any language. */
export function escapeMessage(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, ' ');
  return line.replace(UNSAFE, (character) =>
    // Neither controls nor what turns the direction of writing.
    /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character) ? character : hexOf(character),
  );
}

/** JSON that a terminal can show. */
export function escapeJson(value: object): string {
  // JSON.stringify itself escapes 00..1f.
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function hexOf(character: string): string {
  const hex = character.charCodeAt(0).toString(16);
  return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`;
}
