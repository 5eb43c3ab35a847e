/** Which fault a header block has, and what is none. */
import { ScgiLimitError, ScgiProtocolError } from '../errors.js';
import type { HeaderBlock } from './header-block-place.js';
import type { ReaderLimits } from '../options.js';

const NUL = '\0';

/** What says how long the body is must be said once: two figures, merged, are none. */
export function isMergeable(name: string): boolean {
  return name.startsWith('HTTP_') && name !== 'HTTP_CONTENT_LENGTH';
}

/**
 * Which error a bad block has: those of the whole block come before those of a pair, wherever they stand.
 *
 * @param nameStart - the pair at which parsing stopped: its name is empty or came before, or it is one too many.
 * @param pairs - how many pairs came before it.
 */
export function faultOf(block: HeaderBlock, nameStart: number, pairs: number, limits: ReaderLimits): Error {
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
