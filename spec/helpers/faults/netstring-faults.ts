import type { FaultGroup } from './fault-fixture.js';

/** 24 bytes of headers with which nothing is wrong; in a netstring of 10 to 99 bytes they begin at byte 3. */
const GOOD = 'CONTENT_LENGTH␀0␀SCGI␀1␀';

/** What is wrong with the netstring, by code, in the order in which it is looked for. */
export const NETSTRING_FAULTS: readonly FaultGroup[] = [
  {
    code: 'ERR_SCGI_NETSTRING_LENGTH',
    status: 400,
    rows: [
      { fault: 'a first byte that is no digit', input: 'x', raisedAt: 1, offset: 0 },
      { fault: 'an empty length', input: ':', raisedAt: 1, offset: 0 },
      { fault: 'a length of zero, before its colon', input: '0', raisedAt: 1, offset: 0 },
      { fault: 'a leading zero', input: '024:', raisedAt: 1, offset: 0 },
      { fault: 'a sign', input: '-24:', raisedAt: 1, offset: 0 },
      { fault: 'a later byte that is no digit', input: '2x4:', raisedAt: 2, offset: 1 },
      { fault: 'a space before the colon', input: '24 :', raisedAt: 3, offset: 2 },
      { fault: 'the byte below 0', input: '2/', raisedAt: 2, offset: 1 },
      { fault: 'the byte above the colon', input: '2;', raisedAt: 2, offset: 1 },
      { fault: 'a capital that is not the first byte', input: '2G', raisedAt: 2, offset: 1 },
      { fault: 'an HTTP request', input: 'GET / HTTP/1.1', raisedAt: 1, offset: 0, foreignProtocol: 'http' },
      { fault: 'a TLS handshake', input: '\x16\x03\x01\x02', raisedAt: 1, offset: 0, foreignProtocol: 'tls' },
      { fault: 'the uwsgi protocol', input: '␀\x10␀␀', raisedAt: 1, offset: 0, foreignProtocol: 'uwsgi' },
    ],
  },
  {
    code: 'ERR_SCGI_HEADERS_TOO_LARGE',
    status: 431,
    rows: [
      {
        fault: 'one byte too many',
        input: '25:',
        options: { maxHeaderBytes: 24 },
        raisedAt: 2,
        offset: 1,
        limit: 24,
        actual: 25,
      },
      {
        fault: 'a digit too many',
        input: '240',
        options: { maxHeaderBytes: 24 },
        raisedAt: 3,
        offset: 2,
        limit: 24,
        actual: 240,
      },
      {
        fault: 'too high a number, before what is no digit',
        input: '9x',
        options: { maxHeaderBytes: 8 },
        raisedAt: 1,
        offset: 0,
        limit: 8,
        actual: 9,
      },
      {
        fault: '65 537 bytes by default',
        input: '65537:',
        raisedAt: 5,
        offset: 4,
        limit: 65_536,
        actual: 65_537,
      },
    ],
  },
  {
    code: 'ERR_SCGI_NETSTRING_TERMINATOR',
    status: 400,
    rows: [
      { fault: 'another byte than a comma', input: `24:${GOOD};`, raisedAt: 28, offset: 27 },
      { fault: 'a length that is one short', input: `23:${GOOD},`, raisedAt: 27, offset: 26 },
      { fault: 'a length that is one long', input: `25:${GOOD},x`, raisedAt: 29, offset: 28 },
      { fault: 'no comma, before no NUL', input: '3:abc;', raisedAt: 6, offset: 5 },
    ],
  },
];

/** Requests that stop short; the error comes with the end of the input, and only with it. */
export const PREMATURE: FaultGroup = {
  code: 'ERR_SCGI_PREMATURE_EOF',
  status: 400,
  rows: [
    { fault: 'nothing at all', input: '', raisedAt: 0, offset: 0 },
    { fault: 'an end inside the length', input: '2', raisedAt: 1, offset: 1 },
    { fault: 'an end before the colon', input: '24', raisedAt: 2, offset: 2 },
    { fault: 'an end behind the colon', input: '24:', raisedAt: 3, offset: 3 },
    { fault: 'an end inside the headers', input: '24:CONTENT_LENGTH␀0', raisedAt: 19, offset: 19 },
    { fault: 'an end before the comma', input: `24:${GOOD}`, raisedAt: 27, offset: 27 },
    { fault: 'an end before the comma, before faulty headers', input: '3:abc', raisedAt: 5, offset: 5 },
    {
      fault: 'an end behind the highest length',
      input: '24:',
      options: { maxHeaderBytes: 24 },
      raisedAt: 3,
      offset: 3,
    },
    {
      fault: 'an end before the body',
      input: '24:CONTENT_LENGTH␀5␀SCGI␀1␀,',
      after: ['28 headers 5 CONTENT_LENGTH=5 SCGI=1'],
      raisedAt: 28,
      offset: 28,
    },
    {
      fault: 'an end inside the body',
      input: '24:CONTENT_LENGTH␀5␀SCGI␀1␀,hell',
      after: ['28 headers 5 CONTENT_LENGTH=5 SCGI=1', '32 body hell'],
      raisedAt: 32,
      offset: 32,
    },
    {
      fault: 'an end inside a body of 2^53-1 bytes',
      input: '39:CONTENT_LENGTH␀9007199254740991␀SCGI␀1␀,x',
      after: ['43 headers 9007199254740991 CONTENT_LENGTH=9007199254740991 SCGI=1', '44 body x'],
      raisedAt: 44,
      offset: 44,
    },
  ],
};
