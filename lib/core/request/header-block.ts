/** Parses a header block, `(name NUL value NUL)*`, into meta-variables. SCGI §3. */
import { ScgiLimitError, ScgiProtocolError } from '../errors/errors.js';
import { HeaderTable, addToHash } from '../headers/header-table.js';
import { decodeLatin1 } from '../text/latin1.js';
import { MetaVariables, type HeaderBlock } from '../headers/meta-variables.js';
import type { ReaderLimits } from '../options.js';
import { quoted } from '../text/quoted.js';
import { settleRepeated } from './repeated-header.js';

const NUL = '\0';

/**
 * Splits a block into its pairs. Faults of the whole block come before those of a pair, wherever they are.
 *
 * The text is decoded once. A name or a value is cut out of it only when somebody asks for it.
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
  const headers = new HeaderTable(text);
  let pairs = 0;
  let firstTooMany = -1;
  let fault: ScgiProtocolError | undefined;
  for (let nameStart = 0; nameStart <= last; pairs++) {
    let hash = 0;
    let nameEnd = nameStart;
    for (let byte; (byte = bytes[start + nameEnd] as number) !== 0; nameEnd++) {
      const next = bytes[start + nameEnd + 1] as number;
      hash = addToHash(hash, byte, next);
      if (next !== 0) nameEnd++;
    }
    if (nameEnd === last) {
      throw new ScgiProtocolError(
        'ERR_SCGI_HEADERS_ODD',
        'the last header has a name but no value',
        offset + nameStart,
      );
    }
    const valueEnd = text.indexOf(NUL, nameEnd + 1);
    if (pairs === limits.maxHeaders) firstTooMany = nameStart;
    if (firstTooMany < 0 && fault === undefined) {
      if (nameStart === nameEnd) {
        fault = new ScgiProtocolError(
          'ERR_SCGI_HEADER_NAME_EMPTY',
          'a header has an empty name',
          offset + nameStart,
        );
      } else {
        const earlier = headers.add(hash, nameStart, nameEnd);
        if (earlier > 0 && !settle(headers, earlier, text.slice(nameEnd + 1, valueEnd), limits))
          fault = duplicate(headers.nameOf(earlier), offset + nameStart, limits);
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
  return new MetaVariables(block, headers);
}

/** Gives a header that comes again its value, if it may come again. */
function settle(headers: HeaderTable, header: number, later: string, limits: ReaderLimits): boolean {
  if (!limits.lenientDuplicates) return false;
  const earlier = headers.valueOf(header);
  const settled = settleRepeated(headers.nameOf(header), earlier, later);
  if (settled === undefined) return false;
  // A header that must agree keeps its first place, which is where `strict` looks for it.
  if (settled !== earlier) headers.replace(header, settled);
  return true;
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
