import * as fc from 'fast-check';
import type { ReaderOptions } from '../../../lib/core/options.js';
import { encodeRequest, headerBlock, netstring, wire } from './wire.js';

type Pair = readonly [name: string, value: string];

/** Any text of bytes 01..ff: what a header's value can be. */
export const headerText = (constraints: fc.ArrayConstraints = { maxLength: 12 }): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 1, max: 255 }), constraints).map((codes) => String.fromCharCode(...codes));

const KNOWN_NAMES = ['REQUEST_METHOD', 'HTTP_COOKIE', 'HTTP_HOST', '__proto__', 'constructor'];

/** Headers that a gateway may send, beside the two compulsory ones. */
const headers: fc.Arbitrary<Pair[]> = fc
  .uniqueArray(
    fc.tuple(
      fc.oneof(fc.constantFrom(...KNOWN_NAMES), headerText({ minLength: 1, maxLength: 8 })),
      headerText(),
    ),
    {
      maxLength: 6,
      selector: ([name]) => name,
    },
  )
  .map((pairs) =>
    pairs.filter(([name]) => !['SCGI', 'CONTENT_LENGTH', 'HTTP_CONTENT_LENGTH'].includes(name)),
  );

/** Headers and a body, both in order. */
export const validRequest = fc.record({
  pairs: headers,
  body: fc.string({ unit: latin1Unit(), maxLength: 40 }),
});

const doubtfulNames = fc.constantFrom(
  ...[
    'A',
    'B',
    'HTTP_A',
    'HTTP_A',
    'HTTP_HOST',
    'HTTP_COOKIE',
    'HTTP_CONTENT_LENGTH',
    'SCGI',
    'CONTENT_LENGTH',
    '',
  ],
);
const doubtfulValues = fc.constantFrom('', '1', '1', '3', '9', '007', 'x');

/** Headers of which any may be missing, empty, repeated, or out of its place. */
const doubtfulHeaders: fc.Arbitrary<Pair[]> = fc
  .tuple(
    fc.constantFrom('3', '3', '3', '0', '', 'x'),
    fc.constantFrom('1', '1', '1', '1', '2', ''),
    fc.array(fc.tuple(doubtfulNames, doubtfulValues), { maxLength: 3 }),
  )
  .chain(([length, version, others]) => {
    const pairs: Pair[] = [['CONTENT_LENGTH', length], ['SCGI', version], ...others];
    return fc.shuffledSubarray(pairs, { minLength: pairs.length - 1 });
  });

const doubtfulRequest = fc
  .tuple(
    doubtfulHeaders,
    fc.constantFrom(...['', '', '', '', '', 'A␀', 'A']),
    fc.constantFrom('', 'ab', 'abc', 'abcdefghijkl'),
  )
  .map(([pairs, tail, body]) => wire(netstring(headerBlock(pairs) + tail) + body));

/** What a byte is replaced by when a request is spoilt: the bytes that mean something, and any. */
const spoiler = fc.oneof(fc.constantFrom(...wire('␀,:019AS\x16')), fc.integer({ min: 0, max: 255 }));

interface Edit {
  readonly kind: 'replace' | 'insert' | 'remove' | 'truncate';
  readonly place: number;
  readonly byte: number;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('replace', 'insert', 'remove', 'truncate'),
  place: fc.nat(200),
  byte: spoiler,
});

const spoiltRequest = fc
  .tuple(validRequest, fc.array(edit, { minLength: 1, maxLength: 3 }))
  .map(([{ pairs, body }, edits]) => edits.reduce(applyEdit, encodeRequest(pairs, body)));

/** What follows a request, and is none of it. */
const surplus = fc.constantFrom('', 'x', '␀,', '24:CONTENT_LENGTH␀0␀SCGI␀1␀,');

/** Requests as they come: in order, with or without a surplus, doubtful, or spoilt; and what is none. */
export const anyRequest: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .tuple(validRequest, surplus)
    .map(([{ pairs, body }, more]) => Uint8Array.from([...encodeRequest(pairs, body), ...wire(more)])),
  { arbitrary: doubtfulRequest, weight: 3 },
  { arbitrary: spoiltRequest, weight: 3 },
  fc.uint8Array({ maxLength: 40 }),
);

/** The default options half of the time, otherwise narrow ones. */
export const readerOptions: fc.Arbitrary<ReaderOptions> = fc.oneof(
  fc.constant({}),
  fc.record(
    {
      maxHeaderBytes: fc.constantFrom(24, 40, 200),
      maxHeaders: fc.integer({ min: 1, max: 5 }),
      maxBodyBytes: fc.constantFrom(0, 2, 3, 8),
      strict: fc.boolean(),
      lenientDuplicates: fc.boolean(),
      lenientContentLength: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
);

/** The sizes of chunks, empty ones among them. */
export const chunkSizes = fc.array(fc.nat(12), { maxLength: 30 });

function applyEdit(bytes: Uint8Array, { kind, place, byte }: Edit): Uint8Array {
  const index = bytes.length === 0 ? 0 : place % bytes.length;
  const before = bytes.subarray(0, index);
  const after = bytes.subarray(kind === 'insert' ? index : index + 1);
  if (kind === 'truncate') return before;
  return Uint8Array.from(kind === 'remove' ? [...before, ...after] : [...before, byte, ...after]);
}

function latin1Unit(): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
}
