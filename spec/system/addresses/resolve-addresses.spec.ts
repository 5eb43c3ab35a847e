import { openSync, closeSync } from 'node:fs';
import { createServer } from 'node:net';
import { inheritedDescriptors, resolveAddresses } from '../../../lib/system/addresses/resolve-addresses.js';
import { cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

const VARIABLES = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'] as const;
const LISTEN_PID = String(process.pid);

cleanUpSockets();

/** The descriptor of a listening socket of this process. */
async function listeningDescriptor(): Promise<number> {
  const server = createServer();
  await listening(server);
  return (server as unknown as { _handle: { fd: number } })._handle.fd;
}

describe('resolveAddresses', () => {
  const before = VARIABLES.map((name) => process.env[name]);

  afterEach(() => {
    VARIABLES.forEach((name, index) => {
      if (before[index] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[index];
    });
  });

  it('should read addresses in their order', async () => {
    const fd = await listeningDescriptor();
    expect(resolveAddresses(['127.0.0.1:1', `fd:${fd}`, 'unix:/run/app.sock'])).toEqual([
      { kind: 'tcp', host: '127.0.0.1', port: 1 },
      { kind: 'fd', fd },
      { kind: 'unix', path: '/run/app.sock' },
    ]);
  });

  it('should throw for what is not an address, and for systemd where it has passed nothing', () => {
    expect(() => resolveAddresses(['127.0.0.1:1', 'nowhere'])).toThrow(TypeError);
    expect(() => resolveAddresses(['systemd'])).toThrow(TypeError);
  });

  it('should throw for a descriptor that does not exist', () => {
    expect(() => resolveAddresses(['fd:999999'])).toThrow(TypeError);
  });

  it('should throw for a descriptor that is not a socket, whoever names it', () => {
    const fd = openSync('/dev/null', 'r');
    expect(() => resolveAddresses([`fd:${fd}`])).toThrow(TypeError);
    Object.assign(process.env, { LISTEN_PID, LISTEN_FDS: String(fd - 2), LISTEN_FDNAMES: '' });
    expect(() => resolveAddresses(['systemd'])).toThrow(TypeError);
    closeSync(fd);
  });
});

describe('inheritedDescriptors', () => {
  it('should be all descriptors that the service manager passes, from 3 on', () => {
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
    ...['x', '', '1e3', '0x2', '-1', '1.5', ' 1', '100000000'].map((LISTEN_FDS) => ({
      what: `their number is ${JSON.stringify(LISTEN_FDS)}`,
      env: { LISTEN_PID, LISTEN_FDS },
    })),
  ])('should throw when $what', ({ env }) => {
    expect(() => inheritedDescriptors(undefined, env)).toThrow(TypeError);
  });
});
