import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifySocketAccess } from '../../../lib/system/addresses/socket-access.js';
import { afterwards, cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

cleanUpSockets();

/** A `getent` that knows an account of a directory service. */
function fakeGetent(script: string): void {
  const { PATH } = process.env;
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'getent'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.env['PATH'] = `${folder}:${PATH ?? ''}`;
  afterwards(() => (process.env['PATH'] = PATH));
}

describe('verifySocketAccess', () => {
  it('should keep owner and group, and admit nobody else, by default', () => {
    expect(verifySocketAccess({})).toEqual({ mode: 0o600, uid: undefined, gid: undefined });
  });

  it('should admit a named group, unless the mode says otherwise', () => {
    expect(verifySocketAccess({ socketGroup: 33 })).toMatchObject({ mode: 0o660, gid: 33 });
    expect(verifySocketAccess({ socketGroup: 33, socketMode: 0o600 })).toMatchObject({ mode: 0o600 });
  });

  it.each([0, 0o600, 0o777])('should take the mode %s', (socketMode) => {
    expect(verifySocketAccess({ socketMode })).toMatchObject({ mode: socketMode });
  });

  it.each([-1, 0o1000, 0.5, NaN])('should refuse the mode %s', (socketMode) => {
    expect(() => verifySocketAccess({ socketMode })).toThrow(RangeError);
  });

  it.each([
    [0, 0],
    ['33', 33],
    [4_294_967_294, 4_294_967_294],
  ])('should take the number %j', (id, expected) => {
    const access = { uid: expected, gid: expected };
    expect(verifySocketAccess({ socketOwner: id, socketGroup: id })).toMatchObject(access);
  });

  it('should find the numbers of names', () => {
    expect(verifySocketAccess({ socketOwner: 'root', socketGroup: 'daemon' })).toMatchObject({
      uid: 0,
      gid: expect.any(Number) as unknown,
    });
  });

  it('should ask the name service switch for names that are not in the files', () => {
    fakeGetent('[ "$1" = group ] && echo "$2:*:4711:alice"');
    expect(verifySocketAccess({ socketGroup: 'corp.web' })).toMatchObject({ gid: 4711 });
  });

  it.each(['exit 2', 'echo "corp.web:*:many:"', 'echo "other:*:1:"'])(
    'should refuse a name when the name service switch does not know it: %s',
    (script) => {
      fakeGetent(script);
      expect(() => verifySocketAccess({ socketGroup: 'corp.web' })).toThrow(TypeError);
    },
  );

  it.each(['', '--version', 'a b', 'root:x', '../root', '-1', '0x21'])(
    'should refuse the name %j without asking',
    (name) => {
      fakeGetent('echo "$2:*:1:"');
      expect(() => verifySocketAccess({ socketOwner: name })).toThrow(TypeError);
    },
  );

  it.each([-1, 1.5, NaN, 4_294_967_295, '99999999999'])('should refuse the number %j', (id) => {
    expect(() => verifySocketAccess({ socketGroup: id })).toThrow(RangeError);
  });

  it.each([null, true, {}, [33]])('should refuse %j', (value) => {
    expect(() => verifySocketAccess({ socketOwner: value as unknown as string })).toThrow(TypeError);
  });
});
