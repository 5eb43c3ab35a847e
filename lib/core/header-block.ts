/** Parses a header block, `(name NUL value NUL)*`, into meta-variables. SCGI §3. */
import { ScgiProtocolError } from './errors.js';
import { faultOf, isMergeable, type HeaderBlock } from './header-block-fault.js';
import { emptyLayout, isTurnToLearn, type HeaderLayout } from './header-layout.js';
import { decodeLatin1 } from './latin1.js';
import { MetaVariables } from './meta-variables.js';
import type { ReaderLimits } from './options.js';

const NUL = '\0';

/** Larger blocks are rare, and have more names than are remembered. */
const MAX_LAYOUT_BYTES = 65_536;

/** Where a header block is, without its length and its comma: in `bytes`, from `start` to `end`, at least 1 byte. */
export interface BlockPlace {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where it begins in the connection, for errors. */
  readonly offset: number;
}

/**
 * Splits a block into its pairs.
 *
 * The text is decoded once; a value is cut out of it only when it is asked for, and a name when it is not remembered.
 *
 * @throws ScgiProtocolError ERR_SCGI_HEADERS_UNTERMINATED, …_HEADERS_ODD, …_HEADER_NAME_EMPTY, …_HEADER_DUPLICATE
 * @throws ScgiLimitError ERR_SCGI_TOO_MANY_HEADERS
 */
export function parseHeaderBlock(place: BlockPlace, limits: ReaderLimits): MetaVariables {
  const { bytes, start, end, offset } = place;
  const text = decodeLatin1(bytes, start, end);
  if (bytes[end - 1] !== 0) {
    throw new ScgiProtocolError(
      'ERR_SCGI_HEADERS_UNTERMINATED',
      'the header block does not end with NUL',
      offset + text.length - 1,
    );
  }
  const known = text.length > MAX_LAYOUT_BYTES ? undefined : parseByLayout(place, text, limits);
  return known ?? parseByName({ place, text }, limits);
}

/** The way of a block whose names have come in this order before. @returns `undefined` for others, and for what is wrong. */
function parseByLayout(place: BlockPlace, text: string, limits: ReaderLimits): MetaVariables | undefined {
  const { bytes, start } = place;
  const { maxHeaders } = limits;
  const starts: number[] = [];
  let layout: HeaderLayout | undefined = emptyLayout();
  let learning: boolean | undefined;
  for (let nameStart = 0; nameStart < text.length;) {
    const known: HeaderLayout | undefined = layout.with(bytes, start + nameStart);
    if (known === undefined && !(learning ??= isTurnToLearn())) return undefined;
    layout = known ?? layout.learn(bytes, start + nameStart);
    if (layout === undefined || starts.length === maxHeaders) return undefined;
    const valueStart = nameStart + layout.key.length;
    const valueEnd = text.indexOf(NUL, valueStart);
    if (valueEnd < 0) return undefined;
    starts.push(valueStart);
    nameStart = valueEnd + 1;
  }
  return new MetaVariables(bytes, text, layout.places, starts, start);
}

/** The way of any block. */
function parseByName(block: HeaderBlock, limits: ReaderLimits): MetaVariables {
  const { place, text } = block;
  const last = text.length - 1;
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
  return new MetaVariables(place.bytes, text, starts, undefined, place.start);
}

/** The way of a block in which a name comes twice, when `lenientDuplicates` is on. */
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
  return new MetaVariables(place.bytes, text, starts, undefined, place.start, merged);
}
