/** Reads the digits before the colon of a netstring. SCGI §4. */
import { ScgiLimitError, ScgiProtocolError, type ForeignProtocol } from '../errors/errors.js';

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
export const COLON = 0x3a;
const TLS_HANDSHAKE = 0x16;
const UPPER_A = 0x41;
const UPPER_Z = 0x5a;

/** Shows a byte in a message: `'G'`, or in hexadecimal if it is not printable. */
export function showByte(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? `'${String.fromCharCode(byte)}'`
    : `${byte.toString(16).padStart(2, '0')} hex`;
}

/**
 * Appends a digit to the length read so far.
 *
 * @param length - the number that the digits before form; `undefined` at the first digit.
 * @param offset - the position of the digit in the connection, which is also the number of digits before it.
 * @throws ScgiProtocolError ERR_SCGI_NETSTRING_LENGTH when the byte is not a digit, or the first digit is zero.
 * @throws ScgiLimitError ERR_SCGI_HEADERS_TOO_LARGE as soon as the digits say so.
 */
export function appendDigit(
  length: number | undefined,
  byte: number,
  offset: number,
  maxHeaderBytes: number,
): number {
  if (byte < DIGIT_0 || byte > DIGIT_9) throw badLength(length, byte, offset);
  // A leading zero is forbidden, and `0:` would announce no headers, but two are required.
  if (byte === DIGIT_0 && length === undefined) {
    throw new ScgiProtocolError(
      'ERR_SCGI_NETSTRING_LENGTH',
      'the netstring length begins with a zero',
      offset,
    );
  }
  const next = (length ?? 0) * 10 + (byte - DIGIT_0);
  if (next > maxHeaderBytes) {
    throw new ScgiLimitError(
      'ERR_SCGI_HEADERS_TOO_LARGE',
      `the netstring length announces more than maxHeaderBytes, ${maxHeaderBytes} bytes; raise the limit or send less`,
      maxHeaderBytes,
      next,
      offset,
    );
  }
  return next;
}

/** Makes the error for a byte that is neither a digit nor the colon after one. */
export function badLength(length: number | undefined, byte: number, offset: number): ScgiProtocolError {
  const foreignProtocol = length === undefined ? foreignProtocolOf(byte) : undefined;
  const what =
    byte === COLON
      ? 'the netstring length is empty'
      : `the netstring length contains ${showByte(byte)}, which is not a digit`;
  const advice = foreignProtocol ? `; ${FOREIGN_PROTOCOL_ADVICE[foreignProtocol]}` : '';
  return new ScgiProtocolError('ERR_SCGI_NETSTRING_LENGTH', what + advice, offset, { foreignProtocol });
}

/**
 * Recognises a client that speaks another protocol by its first byte, so that the answer does not wait for more: all HTTP
 * methods begin with a capital letter, SCGI with a digit, TLS with 16 hex, and uwsgi with 00.
 */
export function foreignProtocolOf(firstByte: number): ForeignProtocol | undefined {
  if (firstByte >= UPPER_A && firstByte <= UPPER_Z) return 'http';
  if (firstByte === TLS_HANDSHAKE) return 'tls';
  if (firstByte === 0) return 'uwsgi';
  return undefined;
}

/** Advice for the person who configured the port. */
export const FOREIGN_PROTOCOL_ADVICE: Record<ForeignProtocol, string> = {
  http: 'this looks like an HTTP request: the port speaks SCGI, so use scgi_pass (nginx), not proxy_pass or a browser',
  tls: 'this looks like a TLS handshake: SCGI is not encrypted, so let the web server end TLS',
  uwsgi: 'this looks like the uwsgi protocol: use scgi_pass (nginx), not uwsgi_pass',
};
