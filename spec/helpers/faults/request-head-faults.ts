import type { FaultFixture, FaultGroup } from './fault-fixture.js';
import { netstring } from '../wire/wire.js';

const unbuffered = (announced: string, fromClient: string): string =>
  netstring(`CONTENT_LENGTH␀${announced}␀SCGI␀1␀HTTP_CONTENT_LENGTH␀${fromClient}␀`);

const invalidLength = (text: string): FaultFixture => ({
  fault: `a CONTENT_LENGTH of "${text}"`,
  input: netstring(`SCGI␀1␀CONTENT_LENGTH␀${text}␀`),
  raisedAt: 27 + text.length,
  offset: 25,
});

/** What is wrong with a header, by code, in the order in which it is looked for. */
export const REQUEST_HEAD_FAULTS: readonly FaultGroup[] = [
  {
    code: 'ERR_SCGI_VERSION_MISSING',
    status: 400,
    rows: [
      { fault: 'no SCGI', input: '17:CONTENT_LENGTH␀0␀,', raisedAt: 21, offset: 20 },
      { fault: 'no SCGI but scgi', input: '24:CONTENT_LENGTH␀0␀scgi␀1␀,', raisedAt: 28, offset: 27 },
      { fault: 'no SCGI, before no CONTENT_LENGTH', input: '3:A␀␀,', raisedAt: 6, offset: 5 },
      {
        fault: 'no SCGI, before a bad CONTENT_LENGTH',
        input: '17:CONTENT_LENGTH␀x␀,',
        raisedAt: 21,
        offset: 20,
      },
    ],
  },
  {
    code: 'ERR_SCGI_VERSION_UNSUPPORTED',
    status: 400,
    rows: [
      { fault: 'SCGI of 2', input: '24:CONTENT_LENGTH␀0␀SCGI␀2␀,', raisedAt: 28, offset: 25 },
      { fault: 'an empty SCGI', input: '23:CONTENT_LENGTH␀0␀SCGI␀␀,', raisedAt: 27, offset: 25 },
      { fault: 'SCGI of 01', input: '25:CONTENT_LENGTH␀0␀SCGI␀01␀,', raisedAt: 29, offset: 25 },
      { fault: 'another version, before no CONTENT_LENGTH', input: '7:SCGI␀2␀,', raisedAt: 10, offset: 7 },
    ],
  },
  {
    code: 'ERR_SCGI_CONTENT_LENGTH_MISSING',
    status: 400,
    rows: [
      { fault: 'no CONTENT_LENGTH', input: '7:SCGI␀1␀,', raisedAt: 10, offset: 9 },
      {
        fault: 'HTTP_CONTENT_LENGTH alone',
        input: '29:SCGI␀1␀HTTP_CONTENT_LENGTH␀0␀,',
        raisedAt: 33,
        offset: 32,
      },
    ],
  },
  {
    code: 'ERR_SCGI_CONTENT_LENGTH_INVALID',
    status: 400,
    rows: [
      ...['', '+1', '-1', ' 1', '1 ', '1.5', '1e3', '0x1', 'five', '\xb2'].map(invalidLength),
      invalidLength('9007199254740992'),
      invalidLength('9'.repeat(40)),
      {
        fault: 'no number, before its position',
        input: '24:SCGI␀1␀CONTENT_LENGTH␀x␀,',
        options: { strict: true },
        raisedAt: 28,
        offset: 25,
      },
      { fault: 'no number, before a mismatch', input: unbuffered('x', '9'), raisedAt: 50, offset: 18 },
    ],
  },
  {
    code: 'ERR_SCGI_CONTENT_LENGTH_MISMATCH',
    status: 400,
    rows: [
      {
        fault: 'CONTENT_LENGTH one below HTTP_CONTENT_LENGTH',
        input: unbuffered('8', '9'),
        raisedAt: 50,
        offset: 18,
      },
      {
        fault: 'a mismatch, before too large a body',
        input: unbuffered('8', '9'),
        options: { maxBodyBytes: 7 },
        raisedAt: 50,
        offset: 18,
      },
      {
        fault: 'a mismatch, before its position',
        input: '46:SCGI␀1␀CONTENT_LENGTH␀0␀HTTP_CONTENT_LENGTH␀1␀,',
        options: { strict: true },
        raisedAt: 50,
        offset: 25,
      },
    ],
  },
  {
    code: 'ERR_SCGI_CONTENT_LENGTH_POSITION',
    status: 400,
    rows: [
      {
        fault: 'CONTENT_LENGTH second, strictly',
        input: '24:SCGI␀1␀CONTENT_LENGTH␀0␀,',
        options: { strict: true },
        raisedAt: 28,
        offset: 10,
      },
      {
        fault: 'its position, before too large a body',
        input: '24:SCGI␀1␀CONTENT_LENGTH␀5␀,',
        options: { strict: true, maxBodyBytes: 4 },
        raisedAt: 28,
        offset: 10,
      },
    ],
  },
  {
    code: 'ERR_SCGI_BODY_TOO_LARGE',
    status: 413,
    rows: [
      {
        fault: 'one byte too many',
        input: '24:CONTENT_LENGTH␀5␀SCGI␀1␀,hello',
        options: { maxBodyBytes: 4 },
        raisedAt: 28,
        offset: 18,
        limit: 4,
        actual: 5,
      },
      {
        fault: 'one byte where there may be none',
        input: '24:CONTENT_LENGTH␀1␀SCGI␀1␀,',
        options: { maxBodyBytes: 0 },
        raisedAt: 28,
        offset: 18,
        limit: 0,
        actual: 1,
      },
      {
        fault: 'too large an HTTP_CONTENT_LENGTH, leniently',
        input: unbuffered('0', '9'),
        options: { maxBodyBytes: 8, lenientContentLength: true },
        raisedAt: 50,
        offset: 18,
        limit: 8,
        actual: 9,
      },
    ],
  },
];
