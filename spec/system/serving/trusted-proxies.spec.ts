import { verifyServeOptions } from '../../../lib/system/serving/serve-options.js';
import { trustedProxies } from '../../../lib/system/serving/trusted-proxies.js';

describe('trustedProxies', () => {
  it.each([
    [['10.0.0.1'], '10.0.0.1', true],
    [['10.0.0.1'], '10.0.0.2', false],
    [['10.0.0.0/8'], '10.255.255.255', true],
    [['10.0.0.0/8'], '11.0.0.0', false],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    [['10.0.0.0/8'], '::ffff:11.1.2.3', false],
    [['0.0.0.0/0'], '192.0.2.7', true],
    [['0.0.0.0/0'], '::1', false],
    [['::1'], '::1', true],
    [['::1'], '0:0:0:0:0:0:0:1', true],
    [['fd00::/8'], 'fdab::1', true],
    [['fd00::/8'], 'fe80::1', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['10.0.0.1', '::1'], '::1', true],
    [['unix:'], 'unix:', true],
    [['10.0.0.1'], 'unix:', false],
    [['10.0.0.1'], undefined, false],
    [['10.0.0.1'], 'unknown', false],
    [[], '10.0.0.1', false],
  ])('should decide for %j about %s: %p', (addresses, address, isTrusted) => {
    expect(trustedProxies(addresses)(address, 0)).toBe(isTrusted);
  });

  it('should take one address', () => {
    expect(trustedProxies('10.0.0.0/8')('10.0.0.1', 0)).toBe(true);
  });

  it.each([
    'localhost',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0',
    '',
    '/8',
    '10.0.0.0/8/8',
    7,
    null,
  ])('should refuse %j at the call, also of serveScgi', (entry) => {
    const addresses = ['::1', entry] as string[];
    expect(() => trustedProxies(addresses)).toThrow(TypeError);
    expect(() => verifyServeOptions({ listen: '127.0.0.1:0', trustProxy: addresses })).toThrow(TypeError);
  });
});

describe('trustProxy of serveScgi', () => {
  const trust = (trustProxy: Parameters<typeof verifyServeOptions>[0]['trustProxy']) =>
    verifyServeOptions({ listen: '127.0.0.1:0', trustProxy }).handle.trustProxy;

  it('should be a function of addresses, of a number of hops, or of a function', () => {
    expect(trust('10.0.0.0/8')?.('10.0.0.1', 0)).toBe(true);
    expect([trust(2)?.('x', 1), trust(2)?.('x', 2)]).toEqual([true, false]);
    const own = trust((address, hop) => address === 'x' && hop === 1);
    expect([own?.('x', 1), own?.('x', 0)]).toEqual([true, false]);
    expect([trust(undefined), trust(0)]).toEqual([undefined, undefined]);
  });

  it.each([-1, 1.5, 101, Infinity, NaN])('should refuse %p hops with a RangeError', (hops) => {
    expect(() => trust(hops)).toThrow(RangeError);
  });

  it.each([true, {}, null])('should refuse %p with a TypeError', (value) => {
    expect(() => trust(value as unknown as string)).toThrow(TypeError);
  });
});
