/** Parses a header block, `(name NUL value NUL)*`, into meta-variables. SCGI §3. */
import { ScgiProtocolError } from '../errors.js';
import { faultOf, isMergeable } from './header-block-fault.js';
import type { BlockPlace, HeaderBlock } from './header-block-place.js';
import { emptyLayout, learnLayout, type HeaderLayout } from './header-layout.js';
import { decodeLatin1 } from '../latin1.js';
import { MetaVariables } from '../meta-variables.js';
import type { ReaderLimits } from '../options.js';
import { OrderedStarts } from './value-starts.js';

const NUL = '\0';

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
  const block = { place, text };
  return parseByLayout(block, limits) ?? parseByName(block, limits);
}

/** The way of a block whose names have come in this order before. @returns `undefined` for others, and for what is wrong. */
function parseByLayout(block: HeaderBlock, { maxHeaders }: ReaderLimits): MetaVariables | undefined {
  const { place, text } = block;
  const { bytes, start } = place;
  const starts: number[] = [];
  let layout: HeaderLayout | undefined = emptyLayout();
  for (let nameStart = 0; nameStart < text.length;) {
    layout = layout.with(bytes, start + nameStart);
    if (layout === undefined || starts.length === maxHeaders) return undefined;
    const valueStart = nameStart + layout.key.length;
    const valueEnd = text.indexOf(NUL, valueStart);
    if (valueEnd < 0) return undefined;
    starts.push(valueStart);
    nameStart = valueEnd + 1;
  }
  return layout.order && new MetaVariables(block, new OrderedStarts(layout.order, starts));
}

/** The way of any block. */
function parseByName(block: HeaderBlock, limits: ReaderLimits): MetaVariables {
  const { text } = block;
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
  learnLayout(starts);
  return new MetaVariables(block, starts);
}

/** The way of a block in which a name comes twice, when `lenientDuplicates` is on. */
function parseWithDuplicates(block: HeaderBlock, limits: ReaderLimits): MetaVariables {
  const { text } = block;
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
  return new MetaVariables(block, starts, merged);
}
