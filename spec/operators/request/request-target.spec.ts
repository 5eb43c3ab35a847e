import * as fc from 'fast-check';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { headerText } from '../../helpers/request-arbitraries.js';
import { requestWith } from '../../helpers/requests.js';

describe('request.path and request.query', () => {
  it.each([
    ['/', '/', ''],
    ['/a/b', '/a/b', ''],
    ['/a?', '/a', ''],
    ['/a?b=c', '/a', 'b=c'],
    ['/a?b?c', '/a', 'b?c'],
    ['?b=c', '/', 'b=c'],
    ['a/b', '/a/b', ''],
    ['*', '/*', ''],
    ['//a//b', '//a//b', ''],
    ['/a/../b/./c', '/a/../b/./c', ''],
    ['/%2e%2e/%41%', '/%2e%2e/%41%', ''],
    ['/caf\xc3\xa9', '/caf\xc3\xa9', ''],
    ['http://example.com/a?b', '/a', 'b'],
    ['HTTPS://example.com:8443/a', '/a', ''],
    ['http://example.com?b', '/', 'b'],
    ['/a?u=http://example.com/b', '/a', 'u=http://example.com/b'],
    ['/http://example.com/a', '/http://example.com/a', ''],
  ])('should be those of REQUEST_URI %j', (uri, path, query) => {
    const request = requestWith({ REQUEST_URI: uri });
    expect([request.path, request.query]).toEqual([path, query]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['DOCUMENT_URI', { DOCUMENT_URI: '/a b' }, '/a%20b'],
    ['DOCUMENT_URI, before SCRIPT_NAME', { DOCUMENT_URI: '/a', SCRIPT_NAME: '/b' }, '/a'],
    ['SCRIPT_NAME and PATH_INFO', { SCRIPT_NAME: '/app', PATH_INFO: '/a b' }, '/app/a%20b'],
    ['SCRIPT_NAME alone', { SCRIPT_NAME: '/app' }, '/app'],
    ['PATH_INFO alone', { PATH_INFO: '/a' }, '/a'],
    ['nothing', {}, '/'],
    ['an empty REQUEST_URI and DOCUMENT_URI', { REQUEST_URI: '', DOCUMENT_URI: '/a' }, '/a'],
    ['an origin alone and DOCUMENT_URI', { REQUEST_URI: 'http://example.com', DOCUMENT_URI: '/a' }, '/a'],
  ])('should come from %s where REQUEST_URI has no path', (_, variables, path) => {
    const request = requestWith({ ...variables, QUERY_STRING: 'q=1' });
    expect([request.path, request.query]).toEqual([path, 'q=1']);
  });

  it('should encode again what is decoded in DOCUMENT_URI, and nothing else', () => {
    const request = requestWith({ DOCUMENT_URI: '/?#%"<> \\^`{|}\xc3\xa9\x7f\x01/-._~!$&\'()*+,;=:@aZ0' });
    expect(request.path).toBe("/%3F%23%25%22%3C%3E%20%5C%5E%60%7B%7C%7D%C3%A9%7F%01/-._~!$&'()*+,;=:@aZ0");
    expect(request.url.pathname).toBe(request.path);
  });

  it('should take QUERY_STRING, which a gateway may have rewritten, before that of REQUEST_URI', () => {
    expect(requestWith({ REQUEST_URI: '/a?b=c', QUERY_STRING: 'd=e' }).query).toBe('d=e');
    expect(requestWith({ REQUEST_URI: '/a?b=c', QUERY_STRING: '' }).query).toBe('');
  });
});

describe('request.path below mount', () => {
  it.each([
    ['/app', '/app/a', '/a'],
    ['/app', '/app/', '/'],
    ['/app', '/app', '/'],
    ['/app', '/app?q', '/'],
    ['/app', '/application', '/application'],
    ['/app', '/other/app', '/other/app'],
    ['/app', '/APP/a', '/APP/a'],
    ['/app/', '/app/a', '/a'],
    ['/', '/app', '/app'],
    ['/a/b', '/a/b/c', '/c'],
    ['/a/b', '/a', '/a'],
  ])('should be, for the mount %s and %s, %s', (mount, uri, expected) => {
    const request = requestWith({ REQUEST_URI: uri, HTTP_HOST: 'a' }, { mount });
    expect(request.path).toBe(expected);
    expect(request.url.href).toBe(`http://a${uri}`);
  });
});

describe('request.url', () => {
  it.each<[string, Record<string, string>, string]>([
    ['HTTP_HOST', { HTTP_HOST: 'example.com:8080' }, 'http://example.com:8080/a?b'],
    ['an IPv6 HTTP_HOST', { HTTP_HOST: '[::1]:80' }, 'http://[::1]/a?b'],
    ['SERVER_NAME', { SERVER_NAME: 'example.com' }, 'http://example.com/a?b'],
    ['SERVER_NAME and SERVER_PORT', { SERVER_NAME: 'a', SERVER_PORT: '81' }, 'http://a:81/a?b'],
    ['SERVER_NAME and an empty SERVER_PORT', { SERVER_NAME: 'a', SERVER_PORT: '' }, 'http://a/a?b'],
    ['HTTP_HOST, before SERVER_NAME', { HTTP_HOST: 'a', SERVER_NAME: 'b' }, 'http://a/a?b'],
    ['localhost, with an empty SERVER_NAME', { SERVER_NAME: '', SERVER_PORT: '81' }, 'http://localhost/a?b'],
    ['localhost, with nothing', {}, 'http://localhost/a?b'],
    ['REQUEST_SCHEME', { REQUEST_SCHEME: 'https', HTTP_HOST: 'a' }, 'https://a/a?b'],
    ['HTTPS on', { HTTPS: 'on', HTTP_HOST: 'a' }, 'https://a/a?b'],
    ['HTTPS 1', { HTTPS: '1', HTTP_HOST: 'a' }, 'https://a/a?b'],
    ['HTTPS off', { HTTPS: 'off', HTTP_HOST: 'a' }, 'http://a/a?b'],
    ['HTTPS 0', { HTTPS: '0', HTTP_HOST: 'a' }, 'http://a/a?b'],
    ['an empty HTTPS', { HTTPS: '', HTTP_HOST: 'a' }, 'http://a/a?b'],
    [
      'an empty REQUEST_SCHEME and HTTPS',
      { REQUEST_SCHEME: '', HTTPS: 'on', HTTP_HOST: 'a' },
      'https://a/a?b',
    ],
    ['a REQUEST_SCHEME that is none', { REQUEST_SCHEME: 'h t', HTTP_HOST: 'a' }, 'http://localhost/a?b'],
  ])('should come from %s', (_, variables, expected) => {
    expect(requestWith({ REQUEST_URI: '/a?b', ...variables }).url.href).toBe(expected);
  });

  it('should have the bytes that a client sent unencoded', () => {
    // UTF-8, a character for each byte.
    const { url } = requestWith({ REQUEST_URI: '/\u00c3\u00a9?q=\u00c3\u00a9' });
    expect(url.href).toBe('http://localhost/%C3%A9?q=%C3%A9');
    expect(url.searchParams.get('q')).toBe('é');
  });

  it.each([
    '',
    'user@evil',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a b',
    'a:99999',
    'a:b',
    ':80',
    '[::1',
    '%zz',
    '\x01',
  ])('should not believe the HTTP_HOST %j', (host) => {
    const { url } = requestWith({ HTTP_HOST: host, SERVER_NAME: 'example.com', REQUEST_URI: '/a?b' });
    expect(url.href).toBe('http://example.com/a?b');
  });

  it('should have the origin of the host, whatever path the client sends', () => {
    for (const uri of [
      '//evil/a',
      '/\\evil/a',
      '@evil/a',
      ':81/a',
      '.evil/a',
      '/..//evil',
      'http:\\\\evil/a',
    ]) {
      expect(requestWith({ REQUEST_URI: uri, HTTP_HOST: 'a' }).url.origin).toBe('http://a');
    }
  });

  it('should be the same object each time', () => {
    const request = requestWith({ REQUEST_URI: '/a' });
    expect(request.url).toBe(request.url);
  });

  it('should never throw, and path always begin with a slash', () => {
    const names = [
      'REQUEST_URI',
      'QUERY_STRING',
      'HTTP_HOST',
      'SERVER_NAME',
      'SERVER_PORT',
      'REQUEST_SCHEME',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), headerText(), { maxKeys: 4 }), (variables) => {
        const request = requestWith(variables, { mount: '/a' });
        expect(request.url).toBeInstanceOf(URL);
        expect(request.path).toMatch(/^\//);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});
