import { inheritedDescriptors } from '../../../lib/node/listening/inherited-descriptors.js';

const LISTEN_PID = String(process.pid);

describe('inheritedDescriptors', () => {
  it('should be all that the service manager passes, from 3 on', () => {
    expect(inheritedDescriptors(undefined, { LISTEN_PID, LISTEN_FDS: '2' })).toEqual([
      { kind: 'fd', fd: 3 },
      { kind: 'fd', fd: 4 },
    ]);
  });

  it('should be those of a name', () => {
    const env = { LISTEN_PID, LISTEN_FDS: '3', LISTEN_FDNAMES: 'web:admin:web' };
    expect(inheritedDescriptors('web', env)).toEqual([
      { kind: 'fd', fd: 3 },
      { kind: 'fd', fd: 5 },
    ]);
    expect(() => inheritedDescriptors('other', env)).toThrow(/"other".*web, admin/);
  });

  it.each([
    { what: 'nothing was passed', env: {} },
    { what: 'they are for another process', env: { LISTEN_PID: '1', LISTEN_FDS: '1' } },
    { what: 'nobody says for whom they are', env: { LISTEN_FDS: '1' } },
    { what: 'there are none', env: { LISTEN_PID, LISTEN_FDS: '0' } },
    { what: 'their number is none', env: { LISTEN_PID, LISTEN_FDS: 'x' } },
  ])('should throw when $what', ({ env }) => {
    expect(() => inheritedDescriptors(undefined, env)).toThrow(TypeError);
  });
});
