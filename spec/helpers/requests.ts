import { encodeRequest, headerBlock, netstring, wire } from './wire.js';

/** The head of a request whose body, of `contentLength` bytes, is still to come. */
export function requestHead(contentLength: number, variables: Record<string, string> = {}): Uint8Array {
  const compulsory = [['CONTENT_LENGTH', String(contentLength)] as const, ['SCGI', '1'] as const];
  return wire(netstring(headerBlock([...compulsory, ...Object.entries(variables)])));
}

/** A whole request. */
export function wholeRequest(body = '', variables: Record<string, string> = {}): Uint8Array {
  return encodeRequest(Object.entries(variables), body);
}

/** Both as one chunk, as gateways send what is at hand. */
export function joined(...chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}
