/** Reads the digits before the colon of a netstring. SCGI §4. */
import { ScgiLimitError, ScgiProtocolError } from '../errors.js';
import { FOREIGN_PROTOCOL_ADVICE, foreignProtocolOf } from './foreign-protocol.js';

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
export const COLON = 0x3a;

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
