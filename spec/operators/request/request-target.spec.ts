import * as fc from 'fast-check';
import { FUZZ_RUNS } from '../../helpers/fuzz-runs.js';
import { headerText } from '../../helpers/wire/request-arbitraries.js';
import { MetaVariables } from '../../../lib/core/headers/meta-variables.js';
import { IncomingRequest } from '../../../lib/operators/request/incoming-request.js';
import { LINEAR, growthOf } from '../../helpers/growth.js';
import { requestWith } from '../../helpers/wire/requests.js';

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
    ['//a//b', '/a/b', ''],
    ['/a/../b/./c', '/b/c', ''],
    ['/a/..', '/', ''],
    ['/a/b/..', '/a/', ''],
    ['/a/.', '/a/', ''],
    ['/../../a', '/a', ''],
    ['/a//../b', '/b', ''],
    ['/a/...', '/a/...', ''],
    ['/.well-known/x', '/.well-known/x', ''],
    ['/%2e%2e/%41%', '/A%25', ''],
    ['/a/%2E%2e/b', '/b', ''],
    ['/%2f%c3%a9%7e%zz', '/%2F%C3%A9~%25zz', ''],
    ['/caf\xc3\xa9 x', '/caf%C3%A9%20x', ''],
    ['/a#b\\c|d^e', '/a%23b%5Cc%7Cd%5Ee', ''],
    ["/a?q=#'<\xe9>\\ %zz\x7f", '/a', 'q=%23%27%3C%E9%3E\\%20%zz%7F'],
    ['http://example.com/a?b', '/a', 'b'],
    ['HTTPS://example.com:8443/a', '/a', ''],
    ['http://example.com?b', '/', 'b'],
    ['/a?u=http://example.com/b', '/a', 'u=http://example.com/b'],
    ['/http://example.com/a', '/http:/example.com/a', ''],
  ])('should be taken from REQUEST_URI %j and normalised', (uri, path, query) => {
    const request = requestWith({ REQUEST_URI: uri });
    expect([request.path, request.query]).toEqual([path, query]);
    expect([request.url.pathname, request.url.search]).toEqual([path, query && `?${query}`]);
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

  it('should both come from REQUEST_URI, even if a rewrite has changed the other variables', () => {
    const rewritten = { DOCUMENT_URI: '/new', SCRIPT_NAME: '/new', QUERY_STRING: 'd=e' };
    const { path, query, url } = requestWith({ REQUEST_URI: '/old?b=c', ...rewritten });
    expect([path, query, url.href]).toEqual(['/old', 'b=c', 'http://localhost/old?b=c']);
    expect(requestWith({ REQUEST_URI: '/old', ...rewritten }).query).toBe('');
  });

  it('should be linear in the length of the target', () => {
    const kinds = ['/', '/.', '/..', '/a/../', '%', '%2e/', '#', '\\', 'a', 'http://', '?', '//a'];
    for (const kind of kinds) expectLinear((size) => ({ REQUEST_URI: kind.repeat(size) }));
  });
});

describe('with requestTarget: routed', () => {
  const routed = { requestTarget: 'routed' } as const;

  it.each<[string, Record<string, string>, string]>([
    ['DOCUMENT_URI', { DOCUMENT_URI: '/new x', SCRIPT_NAME: '/s' }, '/new%20x'],
    ['SCRIPT_NAME and PATH_INFO', { SCRIPT_NAME: '/new', PATH_INFO: '/a' }, '/new/a'],
    ['REQUEST_URI, where there is nothing else', {}, '/old'],
  ])('the path should come from %s', (_name, variables, path) => {
    const request = requestWith({ REQUEST_URI: '/old?b=c', QUERY_STRING: 'd=e', ...variables }, routed);
    const query = path === '/old' ? 'b=c' : 'd=e';
    expect([request.path, request.query]).toEqual([path, query]);
    expect(request.url.href).toBe(`http://localhost${path}?${query}`);
  });

  it('should apply to mount as well', () => {
    const variables = { REQUEST_URI: '/old', DOCUMENT_URI: '/app/a' };
    expect(requestWith(variables, { ...routed, mount: '/app' }).path).toBe('/a');
    expect(requestWith(variables, { mount: '/app' }).path).toBe('/old');
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
  ])('for the mount %s, should turn %s into %s', (mount, uri, expected) => {
    const request = requestWith({ REQUEST_URI: uri, HTTP_HOST: 'a' }, { mount });
    expect(request.path).toBe(expected);
    expect(request.url.href).toBe(`http://a${uri}`);
  });

  it.each([
    ['/app', '/%61pp/x', '/x'],
    ['/app', '//app/x', '/x'],
    ['/app', '/y/../app/x', '/x'],
    ['/app', '/app/../app//x', '/x'],
    ['/app', '/app/../x', '/x'],
    ['/app', '/app%2Fx', '/app%2Fx'],
    ['/app', '/app/%2e%2e/other', '/other'],
    ['/%61pp//', '/app/x', '/x'],
    ['/caf\u00e9', '/caf%c3%a9/x', '/x'],
    ['/a b', '/a%20b/x', '/x'],
  ])('for the mount %s, should turn %s into %s, as web servers route it', (mount, uri, expected) => {
    const request = requestWith({ REQUEST_URI: uri }, { mount });
    expect(request.path).toBe(expected);
    expect(request.url.pathname.endsWith(expected)).toBe(true);
  });

  it.each(['\ud800', 'app', '/\ud800', '/a?b', '/a#b'])('should refuse the mount %j', (mount) => {
    expect(() => requestWith({}, { mount })).toThrow(TypeError);
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
    ['HTTPS OFF', { HTTPS: 'OFF', HTTP_HOST: 'a' }, 'http://a/a?b'],
    ['HTTPS On', { HTTPS: 'On', HTTP_HOST: 'a' }, 'https://a/a?b'],
    ['REQUEST_SCHEME in capitals', { REQUEST_SCHEME: 'HTTPS', HTTP_HOST: 'a' }, 'https://a/a?b'],
    ['a REQUEST_SCHEME that is none', { REQUEST_SCHEME: 'h t', HTTP_HOST: 'a' }, 'http://a/a?b'],
    [
      'a REQUEST_SCHEME of another protocol',
      { REQUEST_SCHEME: 'javascript', HTTPS: 'on' },
      'https://localhost/a?b',
    ],
    ['the scheme alone, with no host', { REQUEST_SCHEME: 'https' }, 'https://localhost/a?b'],
    ['the scheme alone, with no host but HTTPS', { HTTPS: 'on', SERVER_NAME: '_' }, 'https://localhost/a?b'],
    ['the scheme alone, with an impossible host', { HTTPS: 'on', HTTP_HOST: 'a b' }, 'https://localhost/a?b'],
    ['SERVER_NAME with a SERVER_PORT that is none', { SERVER_NAME: 'a', SERVER_PORT: 'x' }, 'http://a/a?b'],
    ['SERVER_NAME in brackets', { SERVER_NAME: '[::1]', SERVER_PORT: '81' }, 'http://[::1]:81/a?b'],
    [
      'localhost, with a port that is too large',
      { SERVER_NAME: 'a', SERVER_PORT: '99999' },
      'http://localhost/a?b',
    ],
  ])('should come from %s', (_, variables, expected) => {
    expect(requestWith({ REQUEST_URI: '/a?b', ...variables }).url.href).toBe(expected);
  });

  it.each([
    '_',
    '__',
    '*.example.com',
    '.example.com',
    '~^www\\d+\\.example\\.com$',
    'a b',
    'a@b',
    '-a',
    '""',
  ])('should not accept the SERVER_NAME %j as a host', (name) => {
    const { url } = requestWith({ SERVER_NAME: name, SERVER_PORT: '443', HTTPS: 'on', REQUEST_URI: '/a' });
    expect(url.href).toBe('https://localhost/a');
  });

  it('should be linear in the length of the host', () => {
    for (const kind of ['a', '.', '-', '[', ':', '@', ' ', '%', '1']) {
      expectLinear((size) => ({ HTTP_HOST: kind.repeat(size), SERVER_NAME: kind.repeat(size) }));
    }
  });

  it('should encode the bytes that a client sent unencoded', () => {
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
  ])('should ignore the HTTP_HOST %j', (host) => {
    const { url } = requestWith({ HTTP_HOST: host, SERVER_NAME: 'example.com', REQUEST_URI: '/a?b' });
    expect(url.href).toBe('http://example.com/a?b');
  });

  it('should have the origin of the host for any path', () => {
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

  it('should never throw, and agree with path and query, for any variables', () => {
    const names = [
      ...['REQUEST_URI', 'QUERY_STRING', 'DOCUMENT_URI', 'SCRIPT_NAME', 'PATH_INFO', 'HTTPS'],
      ...['HTTP_HOST', 'SERVER_NAME', 'SERVER_PORT', 'REQUEST_SCHEME'],
    ];
    const target = fc
      .array(
        fc.constantFrom(...['/', '.', '..', '%2e', '%', '%2', '#', '?', '\\', 'a', '|', "'", '\xe9', '//']),
      )
      .map((parts) => parts.join(''));
    const value = fc.oneof(headerText(), target);
    const variables = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 5 });
    const requestTarget = fc.constantFrom('original', 'routed');
    fc.assert(
      fc.property(variables, requestTarget, (sent, target) => {
        const options = { requestTarget: target };
        const { path, query, url } = requestWith(sent, options);
        expect(path).toMatch(/^\/(?!\/)/);
        expect([url.pathname, url.search]).toEqual([path, query && `?${query}`]);
        // What is normal stays as it is.
        expect(requestWith({ REQUEST_URI: `${path}?${query}` }).path).toBe(path);
        const below = requestWith(sent, { ...options, mount: '/a' }).path;
        expect([below, `/a${below}`, `/a${below.slice(1)}`]).toContain(path);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });
});

function expectLinear(variablesOf: (size: number) => Record<string, string>): void {
  const prepare = (size: number) => MetaVariables.from(Object.entries(variablesOf(size)));
  const options = {
    mount: '/a',
    requestTarget: 'original',
    maxCollectedBytes: 0,
    trustProxy: undefined,
  } as const;
  const read = (variables: MetaVariables) => {
    const request = new IncomingRequest(variables, 0, undefined as never, options);
    return [request.path, request.query, request.url];
  };
  expect(growthOf(4000, prepare, read)).toBeLessThan(LINEAR);
}
