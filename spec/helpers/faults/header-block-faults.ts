import type { FaultGroup } from './fault-fixture.js';
import { netstring } from '../wire/wire.js';

/** 24 bytes of headers with which nothing is wrong; in a netstring of 10 to 99 bytes they begin at byte 3. */
const GOOD = 'CONTENT_LENGTH␀0␀SCGI␀1␀';

const manyHeaders = (count: number): string =>
  Array.from({ length: count }, (_, index) => `${10_000 + index}␀␀`).join('');

/** What is wrong with the header block, by code, in the order in which it is looked for. */
export const HEADER_BLOCK_FAULTS: readonly FaultGroup[] = [
  {
    code: 'ERR_SCGI_HEADERS_UNTERMINATED',
    status: 400,
    rows: [
      { fault: 'a last byte other than NUL', input: '3:abc,', raisedAt: 6, offset: 4 },
      { fault: 'no NUL, before an odd name', input: '5:A␀b␀c,', raisedAt: 8, offset: 6 },
      { fault: 'no NUL, before no version', input: '3:A␀b,', raisedAt: 6, offset: 4 },
      {
        fault: 'no NUL, before too many headers',
        input: '7:A␀b␀C␀d,',
        options: { maxHeaders: 1 },
        raisedAt: 10,
        offset: 8,
      },
    ],
  },
  {
    code: 'ERR_SCGI_HEADERS_ODD',
    status: 400,
    rows: [
      { fault: 'a name alone', input: '2:A␀,', raisedAt: 5, offset: 2 },
      { fault: 'a NUL alone', input: '1:␀,', raisedAt: 4, offset: 2 },
      { fault: 'a last name without a value', input: `28:${GOOD}ABC␀,`, raisedAt: 32, offset: 27 },
      {
        fault: 'an odd name, before too many headers',
        input: '10:A␀b␀C␀d␀E␀,',
        options: { maxHeaders: 1 },
        raisedAt: 14,
        offset: 11,
      },
      { fault: 'an odd name, before an empty one', input: '5:␀b␀C␀,', raisedAt: 8, offset: 5 },
      { fault: 'an odd name, before a duplicate', input: '10:A␀b␀A␀d␀E␀,', raisedAt: 14, offset: 11 },
      {
        fault: 'an odd name behind merged ones',
        input: '20:HTTP_A␀b␀HTTP_A␀c␀D␀,',
        options: { lenientDuplicates: true },
        raisedAt: 24,
        offset: 21,
      },
    ],
  },
  {
    code: 'ERR_SCGI_TOO_MANY_HEADERS',
    status: 431,
    rows: [
      {
        fault: 'one header too many',
        input: `24:${GOOD},`,
        options: { maxHeaders: 1 },
        raisedAt: 28,
        offset: 20,
        limit: 1,
        actual: 2,
      },
      {
        fault: 'several too many, all counted',
        input: '16:A␀b␀C␀d␀E␀f␀G␀h␀,',
        options: { maxHeaders: 2 },
        raisedAt: 20,
        offset: 11,
        limit: 2,
        actual: 4,
      },
      {
        fault: 'too many headers, before an empty name',
        input: '7:␀b␀C␀d␀,',
        options: { maxHeaders: 1 },
        raisedAt: 10,
        offset: 5,
        limit: 1,
        actual: 2,
      },
      {
        fault: 'too many headers, before a duplicate',
        input: '12:A␀b␀A␀d␀E␀f␀,',
        options: { maxHeaders: 2 },
        raisedAt: 16,
        offset: 11,
        limit: 2,
        actual: 3,
      },
      {
        fault: '1 001 headers by default',
        input: netstring(manyHeaders(1001)),
        raisedAt: 7013,
        offset: 7005,
        limit: 1000,
        actual: 1001,
      },
      {
        fault: 'one too many that would be merged',
        input: '18:HTTP_A␀b␀HTTP_A␀c␀,',
        options: { maxHeaders: 1, lenientDuplicates: true },
        raisedAt: 22,
        offset: 12,
        limit: 1,
        actual: 2,
      },
      {
        fault: 'one too many behind merged ones',
        input: '21:HTTP_A␀b␀HTTP_A␀c␀D␀␀,',
        options: { maxHeaders: 2, lenientDuplicates: true },
        raisedAt: 25,
        offset: 21,
        limit: 2,
        actual: 3,
      },
    ],
  },
  {
    code: 'ERR_SCGI_HEADER_NAME_EMPTY',
    status: 400,
    rows: [
      { fault: 'an empty name', input: `27:${GOOD}␀x␀,`, raisedAt: 31, offset: 27 },
      { fault: 'an empty name with an empty value', input: `26:${GOOD}␀␀,`, raisedAt: 30, offset: 27 },
      {
        fault: 'an empty name, before a duplicate in a later pair',
        input: '9:␀b␀C␀␀C␀␀,',
        raisedAt: 12,
        offset: 2,
      },
      { fault: 'an empty name, before another', input: '4:␀␀␀␀,', raisedAt: 7, offset: 2 },
      { fault: 'an empty name, before no version', input: '3:␀x␀,', raisedAt: 6, offset: 2 },
      {
        fault: 'an empty name behind merged ones',
        input: '20:HTTP_A␀b␀HTTP_A␀c␀␀␀,',
        options: { lenientDuplicates: true },
        raisedAt: 24,
        offset: 21,
      },
    ],
  },
  {
    code: 'ERR_SCGI_HEADER_DUPLICATE',
    status: 400,
    rows: [
      { fault: 'a name twice', input: `31:${GOOD}SCGI␀1␀,`, raisedAt: 35, offset: 27 },
      { fault: 'an HTTP_* name twice', input: `42:${GOOD}HTTP_A␀b␀HTTP_A␀b␀,`, raisedAt: 46, offset: 36 },
      {
        fault: 'a duplicate, before an empty name in a later pair',
        input: '9:C␀␀C␀␀␀x␀,',
        raisedAt: 12,
        offset: 5,
      },
      { fault: 'a duplicate, before no version', input: '6:C␀␀C␀␀,', raisedAt: 9, offset: 5 },
      { fault: '__proto__ twice', input: '22:__proto__␀␀__proto__␀␀,', raisedAt: 26, offset: 14 },
      {
        fault: 'two values of SCGI, leniently',
        input: `31:${GOOD}SCGI␀2␀,`,
        options: { lenientDuplicates: true },
        raisedAt: 35,
        offset: 27,
      },
      {
        fault: 'two values of CONTENT_LENGTH, leniently, even of the same number',
        input: `42:${GOOD}CONTENT_LENGTH␀00␀,`,
        options: { lenientDuplicates: true },
        raisedAt: 46,
        offset: 27,
      },
      {
        fault: 'two values of HTTP_CONTENT_LENGTH, leniently',
        input: `68:${GOOD}HTTP_CONTENT_LENGTH␀5␀HTTP_CONTENT_LENGTH␀6␀,`,
        options: { lenientDuplicates: true },
        raisedAt: 72,
        offset: 49,
      },
      {
        fault: 'a third value of SCGI behind two that agree, leniently',
        input: netstring(`${GOOD}SCGI␀1␀SCGI␀2␀`),
        options: { lenientDuplicates: true },
        raisedAt: 42,
        offset: 34,
      },
      {
        fault: 'two values of SCGI behind joined ones, leniently',
        input: '32:HTTP_A␀b␀SCGI␀1␀HTTP_A␀c␀SCGI␀2␀,',
        options: { lenientDuplicates: true },
        raisedAt: 36,
        offset: 28,
      },
      {
        fault: 'SCGI twice, even with the same value, when not lenient',
        input: `31:${GOOD}SCGI␀1␀,`,
        options: { lenientDuplicates: false },
        raisedAt: 35,
        offset: 27,
      },
      {
        fault: 'a duplicate, before a bad SCGI that comes first',
        input: netstring('SCGI␀2␀A␀␀A␀␀'),
        raisedAt: 17,
        offset: 13,
      },
    ],
  },
];
