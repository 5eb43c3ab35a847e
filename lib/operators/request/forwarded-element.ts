/** Reads the `Forwarded` field from its end. RFC 7239 §4. */

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** Proxies also write addresses with a port, and IPv6, without the quotes that the grammar wants. */
const PAIR =
  /[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s",;]*))[ \t]*)?(?:;|$)/;

/** What a proxy says of its peer. */
export interface ForwardedElement {
  readonly for?: string;
  readonly proto?: string;
  readonly host?: string;
}

/**
 * Where the last element of a list begins: behind the last comma that is not in a quoted string. Read from the end, so that a quote that
 * a client has left open does not swallow what proxies have added.
 *
 * @param end - where the list ends.
 */
export function lastElementOf(list: string, end: number): number {
  let isQuoted = false;
  for (let i = end - 1; i >= 0; i--) {
    const code = list.charCodeAt(i);
    if (code === COMMA && !isQuoted) return i + 1;
    if (code === QUOTE && !(isQuoted && isEscaped(list, i))) isQuoted = !isQuoted;
  }
  return 0;
}

/** The parameters of an element, by their names in lower case; `undefined` when it is malformed, or has one twice. */
export function parseElement(text: string): ForwardedElement | undefined {
  const parameters = new Map<string, string>();
  const pair = new RegExp(PAIR, 'y');
  while (pair.lastIndex < text.length) {
    const [, name, quoted, plain] = pair.exec(text) ?? [];
    // A failure sets it to 0.
    if (pair.lastIndex === 0) return undefined;
    if (name === undefined) continue;
    const key = name.toLowerCase();
    if (parameters.has(key)) return undefined;
    parameters.set(key, quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1'));
  }
  return Object.fromEntries(parameters);
}

function isEscaped(text: string, index: number): boolean {
  let first = index;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (index - first) % 2 === 1;
}
