/** Parses a header block, `(name NUL value NUL)*`, into meta-variables. SCGI §3. */
import { ScgiLimitError, ScgiProtocolError } from '../errors.js';
import { decodeLatin1 } from '../latin1.js';
import { MetaVariables, valueIn, type HeaderBlock } from '../meta-variables.js';
import type { ReaderLimits } from '../options.js';
import { quoted } from '../quoted.js';
import { settleRepeated } from './repeated-header.js';

const NUL = '\0';

/**
 * Splits a block into its pairs. Faults of the whole block come before those of a pair, wherever they are.
 *
 * The text is decoded once. A name is cut out of it here, a value only when somebody asks for it.
 *
 * @throws ScgiProtocolError ERR_SCGI_HEADERS_UNTERMINATED, …_HEADERS_ODD, …_HEADER_NAME_EMPTY, …_HEADER_DUPLICATE
 * @throws ScgiLimitError ERR_SCGI_TOO_MANY_HEADERS
 */
export function parseHeaderBlock(block: HeaderBlock, limits: ReaderLimits): MetaVariables {
  const { bytes, start, end, offset } = block;
  const text = decodeLatin1(bytes, start, end);
  const last = text.length - 1;
  if (bytes[end - 1] !== 0) {
    throw new ScgiProtocolError(
      'ERR_SCGI_HEADERS_UNTERMINATED',
      'the header block does not end with NUL',
      offset + last,
    );
  }
  const values = new Map<string, number | string>();
  let pairs = 0;
  let firstTooMany = -1;
  let fault: ScgiProtocolError | undefined;
  for (let nameStart = 0; nameStart <= last; pairs++) {
    const nameEnd = text.indexOf(NUL, nameStart);
    if (nameEnd === last) {
      throw new ScgiProtocolError(
        'ERR_SCGI_HEADERS_ODD',
        'the last header has a name but no value',
        offset + nameStart,
      );
    }
    const valueStart = nameEnd + 1;
    const valueEnd = text.indexOf(NUL, valueStart);
    if (pairs === limits.maxHeaders) firstTooMany = nameStart;
    if (firstTooMany < 0 && fault === undefined) {
      const name = text.slice(nameStart, nameEnd);
      const earlier = values.get(name);
      if (name === '') {
        fault = new ScgiProtocolError(
          'ERR_SCGI_HEADER_NAME_EMPTY',
          'a header has an empty name',
          offset + nameStart,
        );
      } else if (earlier === undefined) {
        values.set(name, valueStart);
      } else {
        const settled = limits.lenientDuplicates
          ? settleRepeated(name, valueIn(text, earlier), text.slice(valueStart, valueEnd))
          : undefined;
        if (settled === undefined) fault = duplicate(name, offset + nameStart, limits);
        // A header that must agree keeps its first place, which is where `strict` looks for it.
        else if (settled !== valueIn(text, earlier)) values.set(name, settled);
      }
    }
    nameStart = valueEnd + 1;
  }
  if (firstTooMany >= 0) {
    throw new ScgiLimitError(
      'ERR_SCGI_TOO_MANY_HEADERS',
      `the request has ${pairs} headers, more than maxHeaders, ${limits.maxHeaders}; raise the limit or send less`,
      limits.maxHeaders,
      pairs,
      offset + firstTooMany,
    );
  }
  if (fault) throw fault;
  return new MetaVariables(block, text, values);
}

function duplicate(name: string, offset: number, { lenientDuplicates }: ReaderLimits): ScgiProtocolError {
  const what = lenientDuplicates
    ? ' with different values'
    : '; lenientDuplicates: true joins lists, and takes the last of other values';
  return new ScgiProtocolError(
    'ERR_SCGI_HEADER_DUPLICATE',
    `the header ${quoted(name)} comes twice${what}`,
    offset,
  );
}
