import { verifyServeOptions, verifySocketMode } from '../../lib/server/serve-options.js';
import { verifyWriteOptions } from '../../lib/server/connection-writer.js';

describe('verifyServeOptions', () => {
  it('should fill in the defaults', () => {
    expect(verifyServeOptions({ listen: '127.0.0.1:4000' })).toMatchObject({
      addresses: [{ kind: 'tcp', host: '127.0.0.1', port: 4000 }],
      maxConnections: 1000,
      maxWaiting: 1000,
      drainTimeoutMs: 30_000,
      socketMode: 0o600,
      handle: { limits: { lenientDuplicates: true, lenientContentLength: false, strict: false } },
    });
  });

  it('should read one address or several', () => {
    const { addresses } = verifyServeOptions({ listen: ['127.0.0.1:1', 'unix:/run/app.sock'] });
    expect(addresses.map(({ kind }) => kind)).toEqual(['tcp', 'unix']);
  });

  it.each([
    'maxConnections',
    'maxWaiting',
    'drainTimeoutMs',
    'socketMode',
    'lingerMs',
    'maxHeaders',
    'bodyTimeoutMs',
  ])('should name %s when it is invalid', (name) => {
    expect(() => verifyServeOptions({ listen: '127.0.0.1:0', [name]: -1 })).toThrow(
      expect.objectContaining({
        name: 'RangeError',
        message: expect.stringContaining(name) as unknown,
      }) as Error,
    );
  });
});

describe('verifyWriteOptions', () => {
  it('should fill in the defaults', () => {
    expect(verifyWriteOptions()).toEqual({ sendTimeoutMs: 60_000, lingerMs: 2000, lingerBytes: 67_108_864 });
  });
});

describe('verifySocketMode', () => {
  it.each([0, 0o600, 0o777])('should take %s', (mode) => {
    expect(verifySocketMode(mode)).toBe(mode);
  });

  it.each([-1, 0o1000, 0.5, NaN])('should refuse %s', (mode) => {
    expect(() => verifySocketMode(mode)).toThrow(RangeError);
  });
});
