/** Checks that the headers are what SCGI requires, and finds out how long the body is. SCGI §3, RFC 3875 §4.1.2. */
import { ScgiLimitError, ScgiProtocolError } from '../errors/errors.js';
import { parseHeaderBlock } from './header-block.js';
import { hashed } from '../headers/header-table.js';
import type { HeaderBlock, MetaVariables } from '../headers/meta-variables.js';
import type { ReaderLimits } from '../options.js';
import { quoted } from '../text/quoted.js';
import { wholeNumber } from '../text/whole-number.js';

const SCGI = hashed('SCGI');
const CONTENT_LENGTH = hashed('CONTENT_LENGTH');
const HTTP_CONTENT_LENGTH = hashed('HTTP_CONTENT_LENGTH');

/** The head of a request: its variables, and the bytes of body that follow. */
export interface RequestHead {
  readonly variables: MetaVariables;
  readonly contentLength: number;
}

/**
 * Reads a complete header block.
 *
 * @throws ScgiProtocolError | ScgiLimitError in the order of docs/reference/errors.md.
 */
export function readRequestHead(block: HeaderBlock, limits: ReaderLimits): RequestHead {
  const variables = parseHeaderBlock(block, limits);
  const { offset } = block;
  const blockEnd = offset + block.end - block.start;
  checkVersion(variables, offset, blockEnd);
  return { variables, contentLength: contentLengthOf(variables, offset, blockEnd, limits) };
}

function checkVersion(variables: MetaVariables, offset: number, blockEnd: number): void {
  const version = variables.getHashed(SCGI);
  if (version === undefined) {
    throw new ScgiProtocolError(
      'ERR_SCGI_VERSION_MISSING',
      'there is no header SCGI: a gateway must send SCGI=1',
      blockEnd,
    );
  }
  if (version !== '1') {
    throw new ScgiProtocolError(
      'ERR_SCGI_VERSION_UNSUPPORTED',
      `the header SCGI is ${quoted(version)}, not "1"`,
      offset + (variables.offsetOf('SCGI') ?? 0),
    );
  }
}

function contentLengthOf(
  variables: MetaVariables,
  offset: number,
  blockEnd: number,
  limits: ReaderLimits,
): number {
  const text = variables.getHashed(CONTENT_LENGTH);
  if (text === undefined) {
    throw new ScgiProtocolError(
      'ERR_SCGI_CONTENT_LENGTH_MISSING',
      'there is no header CONTENT_LENGTH: it must be present, even when it is 0',
      blockEnd,
    );
  }
  const announced = wholeNumber(text);
  if (announced === undefined) {
    throw new ScgiProtocolError(
      'ERR_SCGI_CONTENT_LENGTH_INVALID',
      `the header CONTENT_LENGTH is ${quoted(text)}, not a whole number up to 2^53-1`,
      offsetOfLength(variables, offset),
    );
  }
  const length = reconcile(announced, variables, offset, limits);
  if (limits.strict) checkPosition(variables, offset);
  if (length > limits.maxBodyBytes) {
    throw new ScgiLimitError(
      'ERR_SCGI_BODY_TOO_LARGE',
      `the body has ${length} bytes, more than maxBodyBytes, ${limits.maxBodyBytes}`,
      limits.maxBodyBytes,
      length,
      offsetOfLength(variables, offset),
    );
  }
  return length;
}

function checkPosition(variables: MetaVariables, offset: number): void {
  const name = 'CONTENT_LENGTH\0';
  const nameOffset = offsetOfLength(variables, offset) - name.length;
  if (nameOffset === offset) return;
  throw new ScgiProtocolError(
    'ERR_SCGI_CONTENT_LENGTH_POSITION',
    'CONTENT_LENGTH is not the first header, as strict: true requires',
    nameOffset,
  );
}

/** Where its value is on the connection. */
function offsetOfLength(variables: MetaVariables, offset: number): number {
  return offset + (variables.offsetOf('CONTENT_LENGTH') ?? 0);
}

/**
 * nginx before 1.29.6 with `scgi_request_buffering off` counts in CONTENT_LENGTH only what it has read so far, and sends
 * subrequests of a POST (`auth_request`, `mirror`, `error_page`) with 0: the two look the same. To believe the smaller
 * figure would truncate an upload in silence.
 */
function reconcile(
  announced: number,
  variables: MetaVariables,
  offset: number,
  limits: ReaderLimits,
): number {
  const fromClient = variables.getHashed(HTTP_CONTENT_LENGTH);
  const expected = fromClient === undefined ? undefined : wholeNumber(fromClient);
  if (expected === undefined || expected <= announced) return announced;
  if (limits.lenientContentLength) return expected;
  throw new ScgiProtocolError(
    'ERR_SCGI_CONTENT_LENGTH_MISMATCH',
    `CONTENT_LENGTH is ${announced} but HTTP_CONTENT_LENGTH is ${expected}. Either nginx before 1.29.6 has ` +
      'scgi_request_buffering off: switch it on, or set lenientContentLength: true. Or this is a subrequest without the ' +
      'body (auth_request, mirror, error_page): set scgi_pass_request_body off and scgi_param HTTP_CONTENT_LENGTH "" there',
    offsetOfLength(variables, offset),
  );
}
