import { resolveAddresses } from '../../../lib/node/listening/resolve-addresses.js';

const VARIABLES = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'] as const;

describe('resolveAddresses', () => {
  const before = VARIABLES.map((name) => process.env[name]);

  afterEach(() => {
    VARIABLES.forEach((name, index) => {
      if (before[index] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[index];
    });
  });

  it('should read addresses in their order, with the descriptors that systemd stands for', () => {
    Object.assign(process.env, { LISTEN_PID: String(process.pid), LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b' });
    expect(resolveAddresses(['127.0.0.1:1', 'systemd', 'systemd:b', 'fd:9'])).toEqual([
      { kind: 'tcp', host: '127.0.0.1', port: 1 },
      { kind: 'fd', fd: 3 },
      { kind: 'fd', fd: 4 },
      { kind: 'fd', fd: 4 },
      { kind: 'fd', fd: 9 },
    ]);
  });

  it('should throw for what is no address, and for systemd where it has passed nothing', () => {
    expect(() => resolveAddresses(['127.0.0.1:1', 'nowhere'])).toThrow(TypeError);
    expect(() => resolveAddresses(['systemd'])).toThrow(TypeError);
  });
});
