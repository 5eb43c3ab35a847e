import { NEVER } from 'rxjs';
import { verifyServeOptions, type ServeOptions } from '../../../lib/system/serving/serve-options.js';
import { verifyWriteOptions } from '../../../lib/server/write-options.js';

describe('verifyServeOptions', () => {
  it('should fill in the defaults', () => {
    expect(verifyServeOptions({ listen: '127.0.0.1:4000' })).toMatchObject({
      addresses: [{ kind: 'tcp', host: '127.0.0.1', port: 4000 }],
      maxConnections: 1000,
      maxWaiting: 1000,
      drainTimeoutMs: 30_000,
      access: { mode: 0o600, uid: undefined, gid: undefined },
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
    'socketOwner',
    'socketGroup',
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

  it.each([4000, null, undefined, [], [null], [4000], {}])('should refuse %j as listen', (listen) => {
    expect(() => verifyServeOptions({ listen } as unknown as ServeOptions)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        message: 'listen must be an address, or some of them',
      }) as Error,
    );
  });

  it.each([5, null, 'SIGTERM', Promise.resolve(), () => NEVER])('should refuse %p as until', (until) => {
    const options = { listen: '127.0.0.1:0', until } as unknown as ServeOptions;
    expect(() => verifyServeOptions(options)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        message: expect.stringContaining('until must') as unknown,
      }) as Error,
    );
  });
});

describe('verifyWriteOptions', () => {
  it('should fill in the defaults', () => {
    expect(verifyWriteOptions()).toEqual({ sendTimeoutMs: 60_000, lingerMs: 2000, lingerBytes: 67_108_864 });
  });
});
