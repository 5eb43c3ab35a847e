import { map, of, tap, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { ScgiResponse } from '../../../lib/operators/types.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { respond } from '../../helpers/virtual-time/responses/respond.js';
import { respondTo } from '../../helpers/virtual-time/responses/respond-to.js';
import { pauseOutput } from '../../helpers/virtual-time/play-flow.js';

const LARGE = 'x'.repeat(600_000);
const CHUNKS = { l: LARGE, s: 'ss' };
const SIZES = { h: 'Status: 200 OK\r\n\r\n'.length, a: 262_144, b: 75_712, s: 2 };

/** The sizes of what goes out to a gateway that takes one chunk for each `f` in `output`. */
function oneByOne(
  helpers: RunHelpers,
  output: string,
  body: ScgiResponse['body'],
  maxQueuedBytes?: number,
): Observable<number> {
  const { flow, result } = respondTo(helpers, output, body, maxQueuedBytes);
  return result.pipe(
    map((bytes) => bytes.length),
    tap(() => pauseOutput(flow, true)),
  );
}

describe('a large body, to a fast gateway', () => {
  it.each([
    [262_144, [262_144]],
    [262_145, [262_144, 1]],
    [524_288, [262_144, 262_144]],
    [600_000, [262_144, 262_144, 75_712]],
  ])('should emit a chunk of %d bytes in slices of 262 144', (length, expected) => {
    const text = 'x'.repeat(length);
    for (const body of [text, [text], of(text)]) {
      const [head, ...slices] = respond({ body }).sent as string[];
      expect(head).toMatch(/\r\n\r\n$/);
      expect(slices.map((slice) => slice.length)).toEqual([...expected, '|'.length]);
      expect(slices.join('')).toBe(`${text}|`);
    }
  });
});

describe('a large body at hand, to a slow gateway', () => {
  it('should wait behind its head, slice by slice', () => {
    marbles((helpers) => {
      const output = '  t---f--f--f--f';
      const expected = 'h---a--a--b--|';
      const head = 'Status: 200 OK\r\nContent-Length: 600000\r\n\r\n'.length;
      helpers.expectObservable(oneByOne(helpers, output, LARGE)).toBe(expected, { ...SIZES, h: head });
    });
  });
});

describe('a large chunk of an Observable body, to a slow gateway', () => {
  it('should go out slice by slice, so that its progress shows', () => {
    marbles((helpers) => {
      const body = '    l---------------|';
      const output = '  t---f--f--f--f  ';
      const expected = 'h---a--a--b-----|';
      helpers.expectObservable(oneByOne(helpers, output, helpers.cold(body, CHUNKS))).toBe(expected, SIZES);
    });
  });

  it('should keep what comes behind it, and the end, waiting', () => {
    marbles((helpers) => {
      const body = '    ls|              ';
      const output = '  t---f--f--f--f--f';
      const expected = 'h---a--a--b--(s|)';
      helpers.expectObservable(oneByOne(helpers, output, helpers.cold(body, CHUNKS))).toBe(expected, SIZES);
    });
  });

  it('should not count against maxQueuedBytes, whose bound is for what waits behind it', () => {
    marbles((helpers) => {
      const body = '    --l-s-s';
      const output = '  ff     ';
      const expected = 'h-a---#';
      const overflow = { code: 'ERR_SCGI_RESPONSE_OVERFLOW', limit: 3, actual: 4 };
      const result = oneByOne(helpers, output, helpers.cold(body, CHUNKS), 3);
      helpers.expectObservable(result).toBe(expected, SIZES, overflow);
    });
  });
});
