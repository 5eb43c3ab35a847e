/** Parses a header block, `(name NUL value NUL)*`, into meta-variables. SCGI §3. */
import { ScgiLimitError, ScgiProtocolError } from './errors.js';
import { decodeLatin1 } from './latin1.js';
import { MetaVariables } from './meta-variables.js';
import type { ReaderLimits } from './options.js';

const NUL = '\0';

/** Where a header block is, without its length and its comma: in `bytes`, from `start` to `end`, at least 1 byte. */
export interface BlockPlace {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where it begins in the connection, for errors. */
  readonly offset: number;
}

interface HeaderBlock {
  readonly place: BlockPlace;
  readonly text: string;
}

/**
 * Splits a block into its pairs.
 *
 * One pass: the text is decoded once and a name is cut out of it; a value is only when it is asked for.
 *
 * @returns the block, and the start of each name's value in it.
 * @throws ScgiProtocolError ERR_SCGI_HEADERS_UNTERMINATED, …_HEADERS_ODD, …_HEADER_NAME_EMPTY, …_HEADER_DUPLICATE
 * @throws ScgiLimitError ERR_SCGI_TOO_MANY_HEADERS
 */
export function parseHeaderBlock(place: BlockPlace, limits: ReaderLimits): MetaVariables {
  const { bytes, start, end, offset } = place;
  const text = decodeLatin1(bytes, start, end);
  const block: HeaderBlock = { place, text };
  const last = text.length - 1;
  if (bytes[end - 1] !== 0) {
    throw new ScgiProtocolError(
      'ERR_SCGI_HEADERS_UNTERMINATED',
      'the header block does not end with NUL',
      offset + last,
    );
  }
  const starts = new Map<string, number>();
  let pairs = 0;
  for (let nameStart = 0; nameStart <= last;) {
    const nameEnd = text.indexOf(NUL, nameStart);
    if (nameEnd === last || nameEnd === nameStart || pairs === limits.maxHeaders) {
      throw faultOf(block, nameStart, pairs, limits);
    }
    starts.set(text.slice(nameStart, nameEnd), nameEnd + 1);
    pairs++;
    if (starts.size < pairs) {
      if (!limits.lenientDuplicates) throw faultOf(block, nameStart, pairs - 1, limits);
      return parseWithDuplicates(block, limits);
    }
    nameStart = text.indexOf(NUL, nameEnd + 1) + 1;
  }
  return new MetaVariables(bytes, text, starts, start);
}

/** The slow way, for a block in which a name comes twice and `lenientDuplicates` is on. */
function parseWithDuplicates(block: HeaderBlock, limits: ReaderLimits): MetaVariables {
  const { place, text } = block;
  const last = text.length - 1;
  const starts = new Map<string, number>();
  const values = new Map<string, string[]>();
  let pairs = 0;
  for (let nameStart = 0; nameStart <= last; pairs++) {
    const nameEnd = text.indexOf(NUL, nameStart);
    const name = text.slice(nameStart, nameEnd);
    const repeated = starts.has(name);
    if (
      nameEnd === last ||
      nameEnd === nameStart ||
      pairs === limits.maxHeaders ||
      (repeated && !isMergeable(name))
    ) {
      throw faultOf(block, nameStart, pairs, limits);
    }
    const valueEnd = text.indexOf(NUL, nameEnd + 1);
    const value = text.slice(nameEnd + 1, valueEnd);
    if (!repeated) starts.set(name, nameEnd + 1);
    const all = values.get(name);
    if (all) all.push(value);
    else values.set(name, [value]);
    nameStart = valueEnd + 1;
  }
  const merged = new Map<string, string>();
  for (const [name, all] of values) {
    if (all.length > 1) merged.set(name, all.join(name === 'HTTP_COOKIE' ? '; ' : ', '));
  }
  return new MetaVariables(place.bytes, text, starts, place.start, merged);
}

/** What says how long the body is must be said once: two figures, merged, are none. */
function isMergeable(name: string): boolean {
  return name.startsWith('HTTP_') && name !== 'HTTP_CONTENT_LENGTH';
}

/**
 * Which error a bad block has: those of the whole block come before those of a pair, wherever they stand.
 *
 * @param nameStart - the pair at which parsing stopped: its name is empty or came before, or it is one too many.
 * @param pairs - how many pairs came before it.
 */
function faultOf(block: HeaderBlock, nameStart: number, pairs: number, limits: ReaderLimits): Error {
  const { text } = block;
  const { offset } = block.place;
  const last = text.length - 1;
  let count = pairs;
  let firstTooMany: number | undefined;
  for (let start = nameStart; start <= last; count++) {
    const nameEnd = text.indexOf(NUL, start);
    if (nameEnd === last) {
      return new ScgiProtocolError(
        'ERR_SCGI_HEADERS_ODD',
        'the last header has a name but no value',
        offset + start,
      );
    }
    if (count === limits.maxHeaders) firstTooMany = start;
    start = text.indexOf(NUL, nameEnd + 1) + 1;
  }
  if (firstTooMany !== undefined) {
    return new ScgiLimitError(
      'ERR_SCGI_TOO_MANY_HEADERS',
      `${count} headers came, more than maxHeaders, ${limits.maxHeaders}; raise the limit or send less`,
      limits.maxHeaders,
      count,
      offset + firstTooMany,
    );
  }
  const name = text.slice(nameStart, text.indexOf(NUL, nameStart));
  if (name === '') {
    return new ScgiProtocolError(
      'ERR_SCGI_HEADER_NAME_EMPTY',
      'a header has an empty name',
      offset + nameStart,
    );
  }
  const advice = isMergeable(name) ? '; lenientDuplicates: true merges repeated HTTP_* headers' : '';
  return new ScgiProtocolError(
    'ERR_SCGI_HEADER_DUPLICATE',
    `the header ${JSON.stringify(name)} comes twice${advice}`,
    offset + nameStart,
  );
}
