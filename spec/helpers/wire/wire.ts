const NUL = '␀'.charCodeAt(0);

const CHARACTERS = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte || NUL));

// Properties call these two millions of times: they are loops for that reason.

/** Bytes as a specification shows them: ISO-8859-1 text in which ␀ stands for NUL. */
export function wire(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[i] = code === NUL ? 0 : code;
  }
  return bytes;
}

/** The reverse of {@link wire}. */
export function show(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += CHARACTERS[bytes[i]!]!;
  return text;
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
