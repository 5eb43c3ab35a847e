/** Splits a line of a head into a field's name and its value. RFC 9112 §5. */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** @returns `undefined` when the line has no colon, or something other than a token before it. */
export function splitFieldLine(line: string): readonly [name: string, value: string] | undefined {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon));
  return TOKEN.test(name) ? [name, trimBlanks(line.slice(colon + 1))] : undefined;
}

/** A loop, as a regular expression that ends in `[ \t]*$` tries each run of blanks from each of its characters. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
