import { NEVER, concat, of } from 'rxjs';
import { decodeScgi } from '../../../lib/operators/decode-scgi.js';
import type { DecodeOptions } from '../../../lib/operators/engine-options.js';
import type { ScgiRequest } from '../../../lib/operators/types.js';
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

/** The request that a decoder makes of these variables and the compulsory ones, without a body. */
export function requestWith(variables: Record<string, string>, options?: DecodeOptions): ScgiRequest {
  return requestOf({ CONTENT_LENGTH: '0', SCGI: '1', ...variables }, options);
}

/** The request that a decoder makes of these variables and no others. */
export function requestOf(variables: Record<string, string>, options?: DecodeOptions): ScgiRequest {
  const requests: ScgiRequest[] = [];
  concat(of(wire(netstring(headerBlock(Object.entries(variables))))), NEVER)
    .pipe(decodeScgi(options))
    .subscribe((request) => requests.push(request));
  return requests[0]!;
}
