/** Hides the values that are secrets: each byte becomes a `*`, so that lengths and offsets stay what they are. */

/** Meta-variables whose values log somebody in; and `HTTP_PROXY`, which may contain a password. */
const SECRET_VARIABLE = /^(?:REDIRECT_)*HTTP_(?:(?:PROXY_)?AUTHORIZATION|COOKIE2?|PROXY)$/;

/** Fields of a response. */
const SECRET_FIELD = /^(?:set-cookie2?|cookie2?|(?:proxy-)?authorization)$/i;

type Pair = readonly [name: string, value: string];

export function maskVariables(variables: Iterable<Pair>): Pair[] {
  return Array.from(variables, ([name, value]) => [name, SECRET_VARIABLE.test(name) ? stars(value) : value]);
}

export function maskFields(fields: readonly Pair[]): Pair[] {
  return fields.map(([name, value]) => [name, SECRET_FIELD.test(name) ? stars(value) : value]);
}

/** Hides secrets in what was received, where it could not be read: in a block of headers, or in the request of an HTTP client. */
export function maskReceived(text: string): string {
  return text
    .replace(
      /(HTTP_(?:(?:PROXY_)?AUTHORIZATION|COOKIE2?|PROXY)\0)([^\0]*)/g,
      (_all, name: string, value: string) => name + stars(value),
    )
    .replace(
      /^((?:proxy-)?authorization|cookie2?|proxy)(:[ \t]*)([^\r\n]*)/gim,
      (_all, name: string, colon: string, value: string) => name + colon + stars(value),
    );
}

function stars(value: string): string {
  return '*'.repeat(value.length);
}
