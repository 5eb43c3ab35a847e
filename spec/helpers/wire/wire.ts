/** Bytes as a specification shows them: ISO-8859-1 text in which ␀ stands for NUL. */
export function wire(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => (character === '␀' ? 0 : character.charCodeAt(0)));
}

/** The reverse of {@link wire}. */
export function show(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte === 0 ? '␀' : String.fromCharCode(byte))).join('');
}

/** `data`, with its length before it and a comma behind it. */
export function netstring(data: string): string {
  return `${data.length}:${data},`;
}

/** Headers as they stand inside the netstring. */
export function headerBlock(pairs: Iterable<readonly [name: string, value: string]>): string {
  return Array.from(pairs, ([name, value]) => `${name}␀${value}␀`).join('');
}

/** A request as the specification wants it: `CONTENT_LENGTH` first, then `SCGI`, then the rest. */
export function encodeRequest(
  pairs: Iterable<readonly [name: string, value: string]>,
  body = '',
): Uint8Array {
  const compulsory = [['CONTENT_LENGTH', String(body.length)] as const, ['SCGI', '1'] as const];
  return wire(netstring(headerBlock([...compulsory, ...pairs])) + body);
}
