/** Which methods, URIs and names of fields can be sent. */
import { of } from 'rxjs';
import { encodeScgiRequest, type ScgiRequestInit } from '../../lib/index.js';
import { errorFacts } from '../helpers/virtual-time/marbles.js';

/** `complete`, or the facts of the error. */
function endOf(request: ScgiRequestInit): unknown {
  let end: unknown;
  of(request)
    .pipe(encodeScgiRequest())
    .subscribe({
      error: (error: unknown) => (end = errorFacts(error)),
      complete: () => (end = 'complete'),
    });
  return end;
}

function messageOf(request: ScgiRequestInit): string | undefined {
  let message: string | undefined;
  of(request)
    .pipe(encodeScgiRequest())
    .subscribe({ error: (error: unknown) => (message = String(error)) });
  return message;
}

describe('the request line of encodeScgiRequest', () => {
  it.each<ScgiRequestInit>([
    ...['', 'GE T', 'GET\r\n', 'G\0', 'GÉT', '/'].map((method) => ({ method })),
    ...['', '/a b', '/a\tb', '/\r\n', '/\0', '/\x7f', '/?a b'].map((uri) => ({ uri })),
  ])('should refuse %j, which no web server could send', (request) => {
    expect(endOf(request)).toEqual({ code: 'ERR_SCGI_HEADER_INVALID' });
  });

  it.each<ScgiRequestInit>([
    { method: 'get' },
    { method: 'M-SEARCH' },
    ...['*', 'RPC2', 'http://a/b', '/%20', '/\xe9', '/a#b', '/"<>\\^`{|}'].map((uri) => ({ uri })),
    { variables: { REQUEST_METHOD: 'GE T', REQUEST_URI: '' } },
  ])('should leave it to the application what to make of %j', (request) => {
    expect(endOf(request)).toBe('complete');
  });
});

describe('the header names of encodeScgiRequest', () => {
  it.each([
    '',
    'x y',
    ' X',
    'X:',
    ':path',
    'Föö',
    'X-\u20ac',
    'X\0',
    'X\r\nY',
    'X\tY',
    'X/Y',
    'X=Y',
    '"X"',
    'X,Y',
    'X\x7f',
  ])('should refuse %j, whatever its value, and name it', (name) => {
    const given: ScgiRequestInit['headers'][] = [
      { [name]: 'a' },
      { [name]: '' },
      { [name]: [] },
      [[name, 'a']],
    ];
    for (const headers of given) {
      expect(endOf({ headers })).toEqual({ code: 'ERR_SCGI_HEADER_INVALID' });
      expect(messageOf({ headers })).toContain(JSON.stringify(name));
    }
  });

  it('should take all that RFC 9110 allows, and leave variables to the application', () => {
    const headers = { "!#$%&'*+-.^_`|~09azAZ": 'a', X_A: 'b', __proto__: 'c', constructor: 'd' };
    expect(endOf({ headers })).toBe('complete');
    expect(endOf({ variables: { 'HTTP_x y': 'a', 'HTTP_F\xd6': 'b', 'X:': 'c' } })).toBe('complete');
  });
});

describe('the header values of encodeScgiRequest', () => {
  it.each(['a\r\nX-B: b', '\na', 'a\r'])('should refuse %j, which no web server could send', (value) => {
    const given: ScgiRequestInit['headers'][] = [{ 'X-A': value }, { 'X-A': ['a', value] }, [['X-A', value]]];
    for (const headers of given) {
      expect(endOf({ headers })).toEqual({ code: 'ERR_SCGI_HEADER_INVALID' });
      expect(messageOf({ headers })).toContain('"X-A"');
      expect(messageOf({ headers })).not.toContain('X-B');
    }
  });

  it('should take line breaks in variables, where certificates have them', () => {
    expect(endOf({ variables: { SSL_CLIENT_CERT: '-----BEGIN\n' } })).toBe('complete');
  });
});
