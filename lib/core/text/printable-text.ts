/** Makes foreign text safe to print on one line of a log or a terminal. CWE-117, CWE-150. */

// Letters, marks, numbers, punctuation and symbols of any language print; controls, format characters (which can turn the
// direction of writing), separators other than the space, and lone surrogates do not.
const UNPRINTABLE = /[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]/gu;

/** Replaces the characters that do not print, each UTF-16 code unit of them by what `escape` returns. */
export function replaceUnprintable(text: string, escape: (codeUnit: number) => string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const first = escape(character.charCodeAt(0));
    return character.length === 1 ? first : first + escape(character.charCodeAt(1));
  });
}

/** `\x1b`, `\u202e` */
export function hexEscape(codeUnit: number): string {
  const hex = codeUnit.toString(16);
  return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`;
}

/** Puts a message for people on one line: quotes stay, and words in any language. Linear in the length of the text. */
export function escapeMessage(text: string): string {
  // Not a regular expression for blanks around line ends: that is quadratic in a run of blanks.
  const lines = text.includes('\n') ? text.split('\n').map((line) => line.trim()) : [text.trim()];
  return replaceUnprintable(lines.filter((line) => line !== '').join(' '), hexEscape);
}

/** Shortens a text to `max` characters, and says how long it was. */
export function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}\u2026 (${text.length} characters)`;
}
