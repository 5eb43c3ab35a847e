import type { ResponseHeadInit } from '../../../lib/core/events.js';
import {
  makeResponseHead,
  redirectWithMore,
  type HeadContext,
} from '../../../lib/core/response/response-head.js';
import { factsOf, factsThrownBy } from '../../helpers/faults/error-facts.js';

interface HeadFixture {
  readonly should: string;
  readonly init: ResponseHeadInit;
  readonly context?: HeadContext;
  /** The head, line by line; the lines end in CR LF, and an empty one is last. */
  readonly lines: readonly string[];
  readonly status: number;
  readonly body?: 'dropped' | 'forbidden';
  readonly contentLength?: number;
}

const HTML = { 'Content-Type': 'text/html' };
const HEAD = { requestMethod: 'HEAD' };

const DOCUMENTS: readonly HeadFixture[] = [
  { should: 'be 200 OK when nothing is said', init: {}, lines: ['Status: 200 OK'], status: 200 },
  {
    should: 'take a number as its status',
    init: { status: 404, headers: HTML },
    lines: ['Status: 404 Not Found', 'Content-Type: text/html'],
    status: 404,
  },
  {
    should: 'take a number and its reason as its status',
    init: { status: '404 No Such Page' },
    lines: ['Status: 404 No Such Page'],
    status: 404,
  },
  {
    should: 'have Status first, Content-Type second, then the others in their order',
    init: { headers: { 'X-B': '1', HSTS: '2', 'content-type': 'text/html', 'X-A': '3' } },
    lines: ['Status: 200 OK', 'content-type: text/html', 'X-B: 1', 'HSTS: 2', 'X-A: 3'],
    status: 200,
  },
  {
    should: 'keep several cookies several',
    init: { headers: { 'Set-Cookie': ['a=1', 'b=2'], 'X-A': '1' } },
    lines: ['Status: 200 OK', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-A: 1'],
    status: 200,
  },
  {
    should: 'have the length of a body that is at hand, last',
    init: { headers: { 'X-A': '1' } },
    context: { bodyLength: 12 },
    lines: ['Status: 200 OK', 'X-A: 1', 'Content-Length: 12'],
    status: 200,
    contentLength: 12,
  },
  {
    should: 'have the length of an empty body that is at hand',
    init: {},
    context: { requestMethod: 'GET', bodyLength: 0 },
    lines: ['Status: 200 OK', 'Content-Length: 0'],
    status: 200,
    contentLength: 0,
  },
  {
    should: 'have no length when the body is to come',
    init: {},
    context: { requestMethod: 'GET' },
    lines: ['Status: 200 OK'],
    status: 200,
  },
  {
    should: 'keep the Content-Length that is given, where it is given',
    init: { headers: { 'content-length': '12', 'X-A': '1' } },
    context: { bodyLength: 12 },
    lines: ['Status: 200 OK', 'content-length: 12', 'X-A: 1'],
    status: 200,
    contentLength: 12,
  },
];

const FILES: readonly HeadFixture[] = ['X-Sendfile', 'X-Accel-Redirect', 'x-lighttpd-SEND-file'].flatMap(
  (name) => [
    {
      should: `have no length of ours beside ${name}`,
      init: { headers: { [name]: '/files/a' } },
      context: { bodyLength: 0 },
      lines: ['Status: 200 OK', `${name}: /files/a`],
      status: 200,
    },
    {
      should: `keep a length beside ${name}, which is the file's, and not hold the body to it`,
      init: { headers: { [name]: '/files/a', 'Content-Length': '12' } },
      context: { bodyLength: 0 },
      lines: ['Status: 200 OK', `${name}: /files/a`, 'Content-Length: 12'],
      status: 200,
    },
  ],
);

const WITHOUT_BODY: readonly HeadFixture[] = [
  {
    should: 'have the length that GET would give, to HEAD',
    init: { headers: HTML },
    context: { ...HEAD, bodyLength: 12 },
    lines: ['Status: 200 OK', 'Content-Type: text/html', 'Content-Length: 12'],
    status: 200,
    body: 'dropped',
  },
  {
    should: 'keep the Content-Length that is given, to HEAD without a body',
    init: { headers: { 'Content-Length': '12' } },
    context: { ...HEAD, bodyLength: 0 },
    lines: ['Status: 200 OK', 'Content-Length: 12'],
    status: 200,
    body: 'dropped',
  },
  {
    should: 'say nothing of the length, to HEAD without a body',
    init: {},
    context: { ...HEAD, bodyLength: 0 },
    lines: ['Status: 200 OK'],
    status: 200,
    body: 'dropped',
  },
  ...[204, 304].map((status) => ({
    should: `leave Content-Length out of ${status}`,
    init: { status, headers: { ETag: '"e"', 'Content-Length': '12' } },
    context: { bodyLength: 12 },
    lines: [`Status: ${status} ${status === 204 ? 'No Content' : 'Not Modified'}`, 'ETag: "e"'],
    status,
    body: 'dropped' as const,
  })),
  ...[{}, { 'Content-Length': '12' }].map((headers) => ({
    should: `have a length of 0 in 205 with ${JSON.stringify(headers)}`,
    init: { status: 205, headers },
    context: { bodyLength: 12 },
    lines: ['Status: 205 Reset Content', 'Content-Length: 0'],
    status: 205,
    body: 'dropped' as const,
  })),
  {
    should: 'have no length in 304 to HEAD',
    init: { status: '304 As It Was' },
    context: { ...HEAD, bodyLength: 12 },
    lines: ['Status: 304 As It Was'],
    status: 304,
    body: 'dropped',
  },
];

const REDIRECTS: readonly HeadFixture[] = [
  {
    should: 'be local, with Location alone, for a path without a status',
    init: { headers: { location: '/other?a=1' } },
    context: { bodyLength: 0 },
    lines: ['Location: /other?a=1'],
    status: 302,
    body: 'forbidden',
  },
  {
    should: 'be local to HEAD too',
    init: { headers: { Location: '/' } },
    context: HEAD,
    lines: ['Location: /'],
    status: 302,
    body: 'forbidden',
  },
  {
    should: 'be to the client, with its status in words, for an absolute URI',
    init: { headers: { Location: 'https://example.org/' } },
    lines: ['Status: 302 Found', 'Location: https://example.org/'],
    status: 302,
  },
  {
    should: 'be to the client where two slashes name another host',
    init: { headers: { Location: '//example.org/', ...HTML } },
    lines: ['Status: 302 Found', 'Content-Type: text/html', 'Location: //example.org/'],
    status: 302,
  },
  {
    should: 'be to the client for a path with a status',
    init: { status: 303, headers: { Location: '/other' } },
    lines: ['Status: 303 See Other', 'Location: /other'],
    status: 303,
  },
  {
    should: 'be to the client with a document, whose type comes before',
    init: { status: 301, headers: { Location: 'https://example.org/', ...HTML } },
    context: { bodyLength: 9 },
    lines: [
      'Status: 301 Moved Permanently',
      'Content-Type: text/html',
      'Location: https://example.org/',
      'Content-Length: 9',
    ],
    status: 301,
    contentLength: 9,
  },
  {
    should: 'be 201 where it says where the new thing is',
    init: { status: 201, headers: { Location: '/things/1' } },
    lines: ['Status: 201 Created', 'Location: /things/1'],
    status: 201,
  },
];

describe.each([
  ['a document', DOCUMENTS],
  ['a response without a body', WITHOUT_BODY],
  ['a file', FILES],
  ['a redirect', REDIRECTS],
])('makeResponseHead, for %s,', (_kind, fixtures) => {
  it.each(fixtures)(
    'should $should',
    ({ init, context = {}, lines, status, body = 'sent', contentLength }) => {
      expect(makeResponseHead(init, context)).toEqual({
        text: [...lines, '', ''].join('\r\n'),
        status,
        body,
        contentLength,
      });
    },
  );
});

describe('makeResponseHead', () => {
  it.each<[string, string, ResponseHeadInit, HeadContext?]>([
    ['HEADER_HOP_BY_HOP', 'a field about the connection', { headers: { Connection: 'close' } }],
    ['HEADER_HOP_BY_HOP', 'one in a local redirect', { headers: { Location: '/', TE: 'trailers' } }],
    ['HEADER_INVALID', 'a Status field', { headers: { Status: '200 OK' } }],
    ['HEADER_INVALID', 'a value that splits', { headers: { 'X-A': '1\u010d\u010aX-B: 2' } }],
    ['HEADER_INVALID', 'a Location that splits', { headers: { Location: '/\r\nX-B: 2' } }],
    ['HEADER_INVALID', 'a reason that splits', { status: '200 OK\u010d\u010aX-B: 2' }],
    ['HEADER_INVALID', 'two Content-Types', { headers: { 'Content-Type': ['text/html', 'text/html'] } }],
    ['HEADER_INVALID', 'two Locations', { status: 302, headers: { Location: ['/a', '/a'] } }],
    ['HEADER_INVALID', 'two Locations elsewhere', { headers: { Location: ['http://a/', 'http://a/'] } }],
    [
      'HEADER_INVALID',
      'a Content-Type twice in two spellings',
      { headers: { 'Content-Type': 'text/html', 'content-type': 'text/plain' } },
    ],
    ['HEADER_INVALID', 'two Content-Lengths', { headers: { 'Content-Length': ['1', '1'] } }],
    [
      'HEADER_INVALID',
      'two Content-Lengths of 204',
      { status: 204, headers: { 'Content-Length': ['1', '1'] } },
    ],
    ['HEADER_INVALID', 'a Content-Length that is empty', { headers: { 'Content-Length': '' } }],
    ['HEADER_INVALID', 'a Content-Length that is negative', { headers: { 'Content-Length': '-1' } }],
    ['HEADER_INVALID', 'a Content-Length with a space', { headers: { 'Content-Length': ' 1' } }],
    [
      'HEADER_INVALID',
      'a Content-Length above 2^53-1',
      { headers: { 'Content-Length': '9007199254740992' } },
    ],
    ['STATUS_INVALID', 'a status below 200', { status: 199 }],
    ['STATUS_INVALID', 'a status above 599', { status: '600 Much' }],
    ['STATUS_INVALID', 'an interim status', { status: 103, headers: { Link: '</a>; rel=preload' } }],
    ['REDIRECT_HEADERS', 'a local redirect with a field', { headers: { Location: '/', 'X-A': '1' } }],
    ['REDIRECT_HEADERS', 'a local redirect with a type', { headers: { ...HTML, Location: '/' } }],
    ['REDIRECT_HEADERS', 'a local redirect to two paths', { headers: { Location: ['/', '/'] } }],
    ['REDIRECT_HEADERS', 'a local redirect with a body', { headers: { Location: '/' } }, { bodyLength: 1 }],
  ])('should raise ERR_SCGI_%s for %s', (code, _name, init, context = {}) => {
    expect(factsThrownBy(() => makeResponseHead(init, context))).toEqual({
      code: `ERR_SCGI_${code}`,
      status: 500,
    });
  });

  it('should find what is wrong with the fields before what is wrong with the status', () => {
    const init = { status: 999, headers: { Connection: 'close' } };
    expect(factsThrownBy(() => makeResponseHead(init, {})).code).toBe('ERR_SCGI_HEADER_HOP_BY_HOP');
  });

  it('should begin with an HTTP status line when the peer speaks HTTP', () => {
    const { text } = makeResponseHead({ status: 400, headers: HTML }, { asHttp: true, bodyLength: 3 });
    expect(text).toBe(
      'HTTP/1.0 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 3\r\n\r\n',
    );
  });

  it('should not modify the given headers', () => {
    const headers: [string, string][] = [['X-A', '1']];
    makeResponseHead({ headers }, { bodyLength: 3 });
    expect(headers).toEqual([['X-A', '1']]);
  });
});

describe('redirectWithMore', () => {
  it('should be an error of the application', () => {
    expect(factsOf(redirectWithMore())).toEqual({ code: 'ERR_SCGI_REDIRECT_HEADERS', status: 500 });
  });
});
