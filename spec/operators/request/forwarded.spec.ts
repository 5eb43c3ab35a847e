import {
  clientBehind,
  type ForwardedFields,
  type TrustProxy,
} from '../../../lib/operators/request/forwarded.js';
import { requestWith } from '../../helpers/wire/requests.js';

const NONE: ForwardedFields = {
  forwarded: undefined,
  xForwardedFor: undefined,
  xForwardedProto: undefined,
  xForwardedHost: undefined,
};

const PROXIES = ['10.0.0.1', '10.0.0.2', 'unix:'];
const listed: TrustProxy = (address) => address !== undefined && PROXIES.includes(address);
const hops =
  (count: number): TrustProxy =>
  (_, hop) =>
    hop < count;

function addressBehind(fields: Partial<ForwardedFields>, isTrusted = listed, peer = '10.0.0.1') {
  return clientBehind(peer, { ...NONE, ...fields }, isTrusted).address;
}

describe('the client behind proxies, by X-Forwarded-For', () => {
  it.each<[string, string, TrustProxy, string | undefined]>([
    ['the last entry', '192.0.2.7', listed, '192.0.2.7'],
    ['the last entry, whatever the client has sent itself', '10.0.0.9, 192.0.2.7', listed, '192.0.2.7'],
    ['the entry before that of a trusted proxy', '192.0.2.7, 10.0.0.2', listed, '192.0.2.7'],
    ['the first entry, when all are trusted', '10.0.0.2,10.0.0.2', listed, '10.0.0.2'],
    ['the peer, without entries', '', listed, '10.0.0.1'],
    ['the peer, with empty entries', ' , ,,', listed, '10.0.0.1'],
    ['the entry beside empty ones', ',192.0.2.7,,10.0.0.2, ', listed, '192.0.2.7'],
    ['the peer, when it is not trusted', '192.0.2.7', () => false, '10.0.0.1'],
    ['one hop', '192.0.2.1, 192.0.2.2, 192.0.2.3', hops(1), '192.0.2.3'],
    ['two hops', '192.0.2.1, 192.0.2.2, 192.0.2.3', hops(2), '192.0.2.2'],
    ['more hops than entries', '192.0.2.1, 192.0.2.2', hops(9), '192.0.2.1'],
    ['two hops past something that is no address', '192.0.2.1, unknown', hops(2), '192.0.2.1'],
    ['an entry that is no address: nobody', '192.0.2.1, unknown', listed, undefined],
    ['with a port', '192.0.2.7:4711', listed, '192.0.2.7'],
    ['an IPv6 address', '2001:db8::7', listed, '2001:db8::7'],
    ['an IPv6 address in brackets', '[2001:db8::7]', listed, '2001:db8::7'],
    ['an IPv6 address with a port', '[2001:db8::7]:4711', listed, '2001:db8::7'],
    ['an IPv4 address in IPv6', '::ffff:192.0.2.7', listed, '::ffff:192.0.2.7'],
  ])('should be %s', (_, xForwardedFor, isTrusted, address) => {
    expect(addressBehind({ xForwardedFor }, isTrusted)).toBe(address);
  });

  it.each(
    [
      [
        '_hidden',
        'unix:',
        '192.0.2.256',
        '192.0.2',
        '1.2.3.4.5',
        '01.2.3.4',
        '192.0.2.7:port',
        '192.0.2.7:123456',
      ],
      [
        '[::1',
        '::1]',
        ':::',
        '1::2::3',
        '12345::',
        '[192.0.2.7]',
        '"192.0.2.7"',
        'localhost',
        '0x7f.1',
        '2130706433',
      ],
      ['192.0.2.7 x', '192.0.2.7\0', '192.0.2.7;x', 'é', `${'0:'.repeat(60)}1`, '::1%eth0/../', '@192.0.2.7'],
    ].flat(),
  )('should be nobody for %j', (xForwardedFor) => {
    expect(addressBehind({ xForwardedFor: `192.0.2.9, ${xForwardedFor}` })).toBeUndefined();
  });

  it('should look at 100 proxies at most', () => {
    let calls = 0;
    const xForwardedFor = `192.0.2.7${',10.0.0.2'.repeat(7000)}`;
    const address = addressBehind({ xForwardedFor, xForwardedHost: xForwardedFor }, () => !!++calls);
    expect([address, calls]).toEqual(['10.0.0.2', 101]);
    expect(
      addressBehind({ forwarded: `for=192.0.2.7${',for=10.0.0.2'.repeat(5000)}` }, () => !!++calls),
    ).toBe('10.0.0.2');
    expect(calls).toBe(202);
  });

  it('should pass each address to the function with its hop', () => {
    const asked: unknown[] = [];
    addressBehind(
      { xForwardedFor: '192.0.2.7, _x, [::1]:8, 10.0.0.2' },
      (...arguments_) => !!asked.push(arguments_),
    );
    expect(asked).toEqual([
      ['10.0.0.1', 0],
      ['10.0.0.2', 1],
      ['::1', 2],
      [undefined, 3],
      ['192.0.2.7', 4],
    ]);
  });

  it.each([
    ['unix:', listed, undefined],
    [undefined, listed, undefined],
    [undefined, hops(1), undefined],
  ])('should not be a peer without an address: %j', (peer, isTrusted, address) => {
    expect(clientBehind(peer, NONE, isTrusted).address).toBe(address);
    const { address: client } = clientBehind(peer, { ...NONE, xForwardedFor: '192.0.2.7' }, isTrusted);
    expect(client).toBe(isTrusted(peer, 0) ? '192.0.2.7' : undefined);
  });
});

describe('the client behind proxies, by Forwarded', () => {
  it.each<[string, string, string | undefined]>([
    ['a token', 'for=192.0.2.7', '192.0.2.7'],
    ['a quoted IPv6 address with a port', 'For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['an obfuscated port', 'for="192.0.2.7:_p"', '192.0.2.7'],
    ['an unquoted IPv6 address, which the grammar does not have', 'for=[2001:db8::1]', '2001:db8::1'],
    ['other parameters', 'by=203.0.113.43;FOR=192.0.2.7;proto=http;x="a;b,c"', '192.0.2.7'],
    ['whitespace, and empty parameters and elements', ' , ;for=192.0.2.7 ; ;proto=http, ,', '192.0.2.7'],
    ['an escape', 'for="192.0.2\\.7"', '192.0.2.7'],
    ['several elements', 'for=192.0.2.1, for=192.0.2.7, for=10.0.0.2', '192.0.2.7'],
    ['a comma in a quoted string', 'for=192.0.2.7;x="a, for=1.1.1.1, \\", b\\\\"', '192.0.2.7'],
    ['a quote that the client has left open', 'for=1.1.1.1;x=", for=192.0.2.7', '192.0.2.7'],
    ['an escaped quote that the client has left open', 'x="\\\\\\", for=192.0.2.7', '192.0.2.7'],
    ['nobody: unknown', 'for=192.0.2.1, for=unknown', undefined],
    ['nobody: obfuscated', 'for=192.0.2.1, for=_gazonk', undefined],
    ['nobody: no for', 'for=192.0.2.1, proto=https', undefined],
    ['nobody: a parameter twice', 'for=192.0.2.1;FOR=192.0.2.7', undefined],
    ['nobody: no parameter', '192.0.2.7', undefined],
    ['nobody: a space', 'for= 192.0.2.7', undefined],
    ['nobody: text behind a quoted string', 'for="192.0.2.7"x', undefined],
    ['nobody: an open quote at the end', 'for=192.0.2.7;x="', undefined],
    ['the peer: nothing', ' ,, ', '10.0.0.1'],
    ['a name of an object', '__proto__=1;constructor=2;for=192.0.2.7', '192.0.2.7'],
  ])('should read %s', (_, forwarded, address) => {
    expect(addressBehind({ forwarded })).toBe(address);
  });

  it('should take time in proportion to its length, whatever a client sends', () => {
    const start = performance.now();
    for (const fill of [' ', '\t', ';', '; ', '"', '\\', '\\"', ', ', 'a', 'a=', 'a="', '\\a']) {
      const forwarded = `for=1;${fill.repeat(100_000)}!`;
      addressBehind({ forwarded }, () => true);
    }
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('should not walk past what nobody can read, whoever is trusted', () => {
    expect(addressBehind({ forwarded: 'for=192.0.2.1, garbage, for=10.0.0.2' }, () => true)).toBeUndefined();
  });

  it.each(['xForwardedFor', 'xForwardedProto', 'xForwardedHost'])(
    'should not count beside %s: a client can send it through proxies that do not know it',
    (name) => {
      const fields = { [name]: 'http', forwarded: 'for=192.0.2.7;proto=https;host=evil' };
      const client = clientBehind('10.0.0.1', { ...NONE, ...fields }, listed);
      expect(client.address).not.toBe('192.0.2.7');
      expect([client.scheme, client.host]).not.toContain('evil');
      expect(client.scheme).not.toBe('https');
    },
  );

  it('should count beside empty fields of the other kind', () => {
    expect(addressBehind({ xForwardedFor: '', forwarded: 'for=192.0.2.7' })).toBe('192.0.2.7');
  });
});

describe('scheme and host of the client', () => {
  const factsOf = (fields: Partial<ForwardedFields>, isTrusted: TrustProxy = listed) => {
    const { scheme, host } = clientBehind('10.0.0.1', { ...NONE, ...fields }, isTrusted);
    return { scheme, host };
  };

  it.each<[string, Partial<ForwardedFields>, unknown]>([
    [
      'one value',
      { xForwardedProto: 'HTTPS', xForwardedHost: 'a.example' },
      { scheme: 'https', host: 'a.example' },
    ],
    [
      'the entries of the proxy that the client came to',
      {
        xForwardedFor: '1.1.1.1, 192.0.2.7, 10.0.0.2',
        xForwardedProto: 'http, https, http',
        xForwardedHost: 'evil, a.example, b.example',
      },
      { scheme: 'https', host: 'a.example' },
    ],
    [
      'the only entry of a shorter list',
      { xForwardedFor: '192.0.2.7, 10.0.0.2', xForwardedProto: 'https', xForwardedHost: ' a.example ' },
      { scheme: 'https', host: 'a.example' },
    ],
    ['nothing of another scheme', { xForwardedProto: 'javascript' }, { scheme: undefined, host: undefined }],
    ['nothing of an empty entry', { xForwardedHost: 'a,' }, { scheme: undefined, host: undefined }],
    [
      'nothing of a list that begins with a comma',
      { xForwardedHost: ',' },
      { scheme: undefined, host: undefined },
    ],
    [
      'an element of Forwarded',
      {
        forwarded:
          'for=1.1.1.1;host=evil, for=192.0.2.7;proto=https;host="a.example:8443", for=10.0.0.2;proto=http',
      },
      { scheme: 'https', host: 'a.example:8443' },
    ],
  ])('should be %s', (_, fields, facts) => {
    expect(factsOf(fields)).toEqual(facts);
    expect(factsOf(fields, () => false)).toEqual({ scheme: undefined, host: undefined });
  });
});

describe('a request with trustProxy', () => {
  const variables = {
    REMOTE_ADDR: '10.0.0.1',
    HTTP_HOST: 'inside:4000',
    REQUEST_SCHEME: 'http',
    REQUEST_URI: '/x?y',
    HTTP_X_FORWARDED_FOR: '192.0.2.7',
    HTTP_X_FORWARDED_PROTO: 'https',
    HTTP_X_FORWARDED_HOST: 'shop.example',
  };
  const shown = (trustProxy: number | TrustProxy | undefined, more: Record<string, string> = {}) => {
    const { remoteAddress, url } = requestWith({ ...variables, ...more }, { trustProxy });
    return [remoteAddress, url.href];
  };
  const FORWARDED = ['192.0.2.7', 'https://shop.example/x?y'];
  const DIRECT = ['10.0.0.1', 'http://inside:4000/x?y'];

  it('should tell of the client', () => {
    expect(shown(1)).toEqual(FORWARDED);
    expect(shown(listed)).toEqual(FORWARDED);
  });

  it('should tell of the peer without it', () => {
    for (const none of [undefined, 0, () => false]) expect(shown(none)).toEqual(DIRECT);
  });

  it.each<[string, unknown]>([
    ['the Promise of an async function', Promise.resolve(false)],
    ['a text', 'no'],
    ['1', 1],
  ])('should not take %s for trust', (_, answer) => {
    expect(shown((() => answer) as TrustProxy)).toEqual(DIRECT);
  });

  it('should tell of the client behind a Unix socket', () => {
    expect(shown(listed, { REMOTE_ADDR: 'unix:' })).toEqual(FORWARDED);
    expect(shown(listed, { REMOTE_ADDR: 'unix:', HTTP_X_FORWARDED_FOR: '' })[0]).toBeUndefined();
  });

  it.each(['evil/path', 'user@evil', 'a b', '?', '#', 'evil\\'])(
    'should not let the host %j into the URL',
    (host) => {
      expect(shown(1, { HTTP_X_FORWARDED_HOST: host })[1]).toBe('https://inside:4000/x?y');
    },
  );

  it('should keep all headers as they came', () => {
    const { headers, variables: all } = requestWith(variables, { trustProxy: 1 });
    expect([headers.get('host'), all.get('REMOTE_ADDR')]).toEqual(['inside:4000', '10.0.0.1']);
  });
});
