/** Splits a line of a head into a field's name and its value. RFC 9112 §5. */

/** For each byte 1 if it may be part of a token, or 0. Numbers of one byte: looked up for each byte of a name, they cost least. */
export const IS_TOKEN = Uint8Array.from({ length: 256 }, (_, code) =>
  Number(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code))),
);

/** @returns `undefined` when the line has no colon, or something other than a token before it. */
export function splitFieldLine(line: string): readonly [name: string, value: string] | undefined {
  const colon = line.indexOf(':');
  if (colon <= 0) return undefined;
  // Names are short: a loop costs less than a regular expression.
  for (let index = 0; index < colon; index++) if (IS_TOKEN[line.charCodeAt(index)] !== 1) return undefined;
  return [line.slice(0, colon), trimmed(line, colon + 1, line.length)];
}

/**
 * Cuts out text without the blanks around it. A loop, as a regular expression that ends in `[ \t]*$` tries each run of blanks from
 * each of its characters.
 */
export function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
