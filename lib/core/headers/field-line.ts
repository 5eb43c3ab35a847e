/** Splits a line of a head into a field's name and its value. RFC 9112 §5. */

/** Whether each character up to DEL may be part of a token. */
const IS_TOKEN = Array.from({ length: 128 }, (_, code) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)),
);

/** @returns `undefined` when the line has no colon, or something other than a token before it. */
export function splitFieldLine(line: string): readonly [name: string, value: string] | undefined {
  const colon = line.indexOf(':');
  if (colon <= 0) return undefined;
  // Names are short: a loop costs less than a regular expression.
  for (let index = 0; index < colon; index++) if (IS_TOKEN[line.charCodeAt(index)] !== true) return undefined;
  return [line.slice(0, colon), trimmed(line, colon + 1)];
}

/** A loop, as a regular expression that ends in `[ \t]*$` tries each run of blanks from each of its characters. */
function trimmed(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
