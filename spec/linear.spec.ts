/**
 * What meets foreign text takes a time that is linear in its length, whatever the text: a regular expression that is not
 * would let one request stop the event loop. Each function is run with long runs of each character that means something.
 */
import { verifyReaderOptions } from '../lib/core/options.js';
import { parseHeaderBlock } from '../lib/core/request/header-block.js';
import { makeResponseHead } from '../lib/core/response/response-head.js';
import { ResponseReader } from '../lib/core/response/response-reader.js';
import { MetaVariables } from '../lib/core/headers/meta-variables.js';
import { clientBehind } from '../lib/operators/request/forwarded.js';
import { requestFieldsOf } from '../lib/operators/request/request-fields.js';
import { normalizePath, requestTargetOf, requestUrlOf } from '../lib/operators/request/request-target.js';
import { decodePath } from '../lib/node/gateway/gateway-variables.js';
import { hostOf } from '../lib/node/gateway/http/allowed-hosts.js';
import { parseAddress } from '../lib/server/address.js';
import { responseOf } from '../lib/testing/index.js';
import { LINEAR, growthOf } from './helpers/growth.js';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

const lenient = verifyReaderOptions({ lenientDuplicates: true, maxHeaders: Infinity });
const parseBlock = (bytes: Uint8Array) =>
  parseHeaderBlock({ bytes, start: 0, end: bytes.length, offset: 0 }, lenient);

const NO_FIELDS = {
  forwarded: undefined,
  xForwardedFor: undefined,
  xForwardedProto: undefined,
  xForwardedHost: undefined,
};
const target = { path: '/', query: '' };

/** What each function makes of a text. What it throws does not matter. */
const FUNCTIONS: Readonly<Record<string, (text: string) => unknown>> = {
  'a header block': (text) => parseBlock(latin1(`${text}\0`)),
  'a header block of one value': (text) => parseBlock(latin1(`A\0${text.replaceAll('\0', 'x')}\0`)),
  'a header block with a bad CONTENT_LENGTH': (text) => parseBlock(latin1(`CONTENT_LENGTH\0${text}\0`)),
  'a path': normalizePath,
  'a target': (text) => requestTargetOf(MetaVariables.from([['REQUEST_URI', text]]), 'original'),
  'an absolute target': (text) =>
    requestTargetOf(MetaVariables.from([['REQUEST_URI', `http://${text}`]]), 'original'),
  'a rewritten target': (text) => requestTargetOf(MetaVariables.from([['DOCUMENT_URI', text]]), 'routed'),
  'a host': (text) => requestUrlOf(MetaVariables.from([['HTTP_HOST', text]]), target),
  'a server name': (text) => requestUrlOf(MetaVariables.from([['SERVER_NAME', text]]), target),
  'a scheme': (text) => requestUrlOf(MetaVariables.from([['REQUEST_SCHEME', text]]), target),
  'a field name': (text) => requestFieldsOf(MetaVariables.from([[`HTTP_${text}`, 'x']]), 0),
  'a field value': (text) => requestFieldsOf(MetaVariables.from([['HTTP_A', `x${text}y`]]), 0),
  'a response field name': (text) => makeResponseHead({ headers: { [text]: 'x' } }, {}),
  'a response field value': (text) => makeResponseHead({ headers: { A: `x${text}y` } }, {}),
  'a location': (text) => makeResponseHead({ headers: { Location: `/${text}y` } }, {}),
  'a length': (text) => makeResponseHead({ headers: { 'Content-Length': text } }, {}),
  'a status': (text) => makeResponseHead({ status: `200 ${text}` }, {}),
  'a path at the gateway': decodePath,
  'a host at the gateway': hostOf,
  'a field of an application': (text) => new ResponseReader().receiveData(latin1(`A: x${text}y\n\n`)),
  'a line of an application': (text) => new ResponseReader().receiveData(latin1(`${text}\n\n`)),
  'the NPH status of an application': (text) =>
    new ResponseReader().receiveData(latin1(`HTTP/1.1 ${text}\n\n`)),
  'a response in a test': (text) => responseOf(latin1(`A: x${text}y\n\n`)),
  'a chain of proxies': (text) =>
    clientBehind('10.0.0.1', { ...NO_FIELDS, xForwardedFor: text, xForwardedHost: text }, () => true),
  'a Forwarded field': (text) => clientBehind('10.0.0.1', { ...NO_FIELDS, forwarded: text }, () => true),
  'an address': parseAddress,
};

const UNITS = [
  ...[
    ' ',
    '\t',
    '\r',
    '\r\n',
    '\0',
    'a',
    '0',
    '/',
    '/..',
    '.',
    '-',
    ':',
    '@',
    '[',
    '%',
    '%2e',
    '?',
    '#',
    '\\',
  ],
  ...[',', '\xe9', 'a\0', 'HTTP_A\0b\0'],
];

const SIZE = 1000;
const ATTEMPTS = 3;

describe.each(Object.entries(FUNCTIONS))('%s', (_name, run) => {
  it('should take linear time for many of any character', () => {
    const attempt = (text: string): unknown => {
      try {
        return run(text);
      } catch {
        return undefined;
      }
    };
    const isLinear = (unit: string): boolean => growthOf(SIZE, (size) => unit.repeat(size), attempt) < LINEAR;
    // What is slow once may have been disturbed; what is slow each time is not linear.
    const slow = UNITS.filter((unit) => !Array.from({ length: ATTEMPTS }).some(() => isLinear(unit)));
    expect(slow).toEqual([]);
  });
});
