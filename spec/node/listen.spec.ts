import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { Server, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { listen } from '../../lib/node/index.js';
import { Log } from '../helpers/sockets/log.js';
import { boundAddress, greetingAt, listenOn, listenOnFirst } from '../helpers/sockets/listening-log.js';
import { expectNoProcessFaults } from '../helpers/faults/process-faults.js';
import {
  TestGateway,
  afterwards,
  cleanUpSockets,
  listening,
  temporaryFolder,
} from '../helpers/sockets/sockets.js';

/** Abstract sockets are Linux's. */
const TARGETS = ['127.0.0.1:0', '[::1]:0', 'localhost:0'].concat(
  process.platform === 'linux' ? `unix:@rxscgi-${process.pid}` : [],
);

expectNoProcessFaults();
cleanUpSockets();

afterEach(() => jest.restoreAllMocks());

describe('listen', () => {
  describe.each(TARGETS)('on %s', (target) => {
    it('should accept while it is subscribed, and no longer', async () => {
      const log = listenOn(target);
      const address = await boundAddress(log);
      expect(await greetingAt(address)).toBe('hello');
      expect(await greetingAt(address)).toBe('hello');
      log.unsubscribe();
      await expect(greetingAt(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    });
  });

  it('should emit the port that the system chose', async () => {
    expect(await boundAddress(listenOn('127.0.0.1:0'))).toMatch(/^127\.0\.0\.1:[1-9][0-9]*$/);
    expect(await boundAddress(listenOn('[::1]:0'))).toMatch(/^\[::1\]:[1-9][0-9]*$/);
  });

  it('should be cold: each subscription listens by itself, and nothing listens before', async () => {
    const addresses: string[] = [];
    const source = listen('127.0.0.1:0', { onListening: (address) => addresses.push(address) });
    const [first, second] = [new Log(source), new Log(source)];
    while (addresses.length < 2) await boundAddress(listenOn('127.0.0.1:0'));
    expect(new Set(addresses).size).toBe(2);
    first.unsubscribe();
    const gateway = await TestGateway.connect(addresses[1] as string);
    await second.value(() => true);
    expect(first.values).toEqual([]);
    gateway.end();
  });

  it('should give sockets that are paused, may be half open, and outlive the listening', async () => {
    const server = listenOnFirst('127.0.0.1:0');
    const gateway = await TestGateway.connect(await server.address);
    const [socket] = (await server.sockets) as [Socket];
    afterwards(() => socket.destroy());
    expect([socket.isPaused(), socket.allowHalfOpen]).toEqual([true, true]);
    const end = once(
      socket.on('data', () => undefined),
      'end',
    );
    gateway.end();
    await once(gateway.socket, 'finish');
    socket.resume();
    await end;
    socket.end('late');
    expect(await gateway.response()).toBe('late');
  });

  it('should keep a socket that fails from ending the process, before anybody reads it', async () => {
    const server = listenOnFirst('127.0.0.1:0');
    const gateway = await TestGateway.connect(await server.address);
    const [socket] = (await server.sockets) as [Socket];
    const closed = new Promise((resolve) => socket.once('close', resolve));
    gateway.socket.resetAndDestroy();
    socket.on('data', () => undefined).resume();
    await closed;
    expect(socket.errored).toMatchObject({ code: 'ECONNRESET' });
  });

  it('should fail where somebody listens', async () => {
    const address = await boundAddress(listenOn('127.0.0.1:0'));
    expect(await listenOn(address).over()).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('should fail for a host that is not this machine', async () => {
    expect(await listenOn('192.0.2.1:0').over()).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('should throw at the call for a descriptor that is not a socket', () => {
    expect(() => listen('fd:999999')).toThrow(TypeError);
  });

  it.each([4000, null, undefined, {}, ['127.0.0.1:0']])(
    'should say what it takes, when it gets %j',
    (target) => {
      expect(() => listen(target as never)).toThrow(
        /^listen takes an address, as '127\.0\.0\.1:4000', or a net\.Server, not /,
      );
    },
  );

  it('should fail for a descriptor that is listened on already', async () => {
    const server = createServer();
    await listening(server);
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    expect(await listenOn(`fd:${fd}`).over()).toMatchObject({ code: 'EEXIST', address: `fd:${fd}` });
  });

  it('should fail for a name that does not resolve', async () => {
    // RFC 6761 has reserved it.
    const error = await listenOn('rxscgi.invalid:0').over();
    expect(error).toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) as unknown });
    expect((error as Error).message).toContain('rxscgi.invalid');
  });

  // Some systems let everybody use every port.
  const itWhereRestricted = isPortRestricted(80) ? it : it.skip;

  itWhereRestricted('should fail for a port below 1024 without permission', async () => {
    const uid = process.geteuid?.();
    if (uid === 0) process.seteuid?.(65_534);
    afterwards(() => uid === 0 && process.seteuid?.(0));
    expect(await listenOn('127.0.0.1:80').over()).toMatchObject({ code: 'EACCES', address: '127.0.0.1:80' });
  });

  describe('on localhost', () => {
    /** The families that a socket of `localhost:0` accepts connections of, by address. */
    async function connects(host: string, port: string): Promise<boolean> {
      const greeting = await greetingAt(`${host}:${port}`).catch(
        (error: unknown) => (error as NodeJS.ErrnoException).code,
      );
      expect(['hello', 'ECONNREFUSED']).toContain(greeting);
      return greeting === 'hello';
    }

    it('should accept IPv4 and IPv6 on one port, and say so once', async () => {
      const log = listenOn('localhost:0');
      const [, port = ''] = /^localhost:([1-9][0-9]*)$/.exec(await boundAddress(log)) ?? [];
      expect([await connects('127.0.0.1', port), await connects('[::1]', port)]).toEqual([true, true]);
      expect(log.values).toHaveLength(1);
      log.unsubscribe();
      expect([await connects('127.0.0.1', port), await connects('[::1]', port)]).toEqual([false, false]);
    });

    it.each(['127.0.0.1', '[::1]'])('should fail when its port is in use on %s', async (host) => {
      const taken = await boundAddress(listenOn(`${host}:0`));
      const port = taken.slice(host.length + 1);
      expect(await listenOn(`localhost:${port}`).over()).toMatchObject({
        code: 'EADDRINUSE',
        address: taken,
      });
      const other = host === '[::1]' ? '127.0.0.1' : '[::1]';
      expect(await connects(other, port)).toBe(false);
    });

    it.each([
      { missing: '::1', there: '127.0.0.1' },
      { missing: '127.0.0.1', there: '::1' },
    ])('should be $there alone where the system has no $missing', async ({ missing, there }) => {
      failToListen(missing, 'EADDRNOTAVAIL', Infinity);
      const address = await boundAddress(listenOn('localhost:0'));
      expect(address.startsWith(there.includes(':') ? `[${there}]:` : `${there}:`)).toBe(true);
      expect(await greetingAt(address)).toBe('hello');
    });

    it('should try another port when the one that the system chose is in use for IPv6', async () => {
      const listened = failToListen('::1', 'EADDRINUSE', 2);
      const address = await boundAddress(listenOn('localhost:0'));
      expect(address).toMatch(/^localhost:/);
      expect(await greetingAt(address)).toBe('hello');
      expect(listened.filter((host) => host === '127.0.0.1')).toHaveLength(3);
    });
  });

  it.each(['127.0.0.1:0', 'localhost:0', 'unix:'])(
    'should not listen on %s after all when it is unsubscribed before it does',
    async (target) => {
      const path = join(temporaryFolder(), 'app.sock');
      const spy = jest.spyOn(Server.prototype, 'listen');
      listenOn(target === 'unix:' ? target + path : target).unsubscribe();
      const [server] = spy.mock.contexts as [Server];
      spy.mockRestore();
      // Whatever was under way comes to its end before these do.
      await boundAddress(listenOn('localhost:0'));
      await boundAddress(listenOn('localhost:0'));
      expect(server.listening).toBe(false);
      expect(existsSync(path)).toBe(false);
    },
  );

  it.each(['4000', 'http://localhost:80', 'unix:'])('should throw at the call for %s', (target) => {
    expect(() => listen(target)).toThrow(TypeError);
  });

  it.each([-1, 0o1000, 1.5])('should throw at the call for the mode %s', (socketMode) => {
    expect(() => listen('unix:/tmp/app.sock', { socketMode })).toThrow(RangeError);
  });

  describe('on a given server', () => {
    it('should give its connections, half-open allowed, and close it when unsubscribed', async () => {
      const server = createServer();
      const address = await listening(server);
      const log = new Log(listen(server));
      const gateway = await TestGateway.connect(address);
      const socket = await log.value(() => true);
      gateway.end();
      socket.resume();
      await once(socket, 'end');
      socket.end('late');
      expect(await gateway.response()).toBe('late');
      log.unsubscribe();
      await once(server, 'close');
      expect(log.ending).toBeUndefined();
    });

    it('should complete when the server is closed', async () => {
      const server = createServer();
      await listening(server);
      const log = listenOn(server);
      server.close();
      expect(await log.over()).toBe('complete');
    });

    it('should fail with the error of the server', async () => {
      const server = createServer();
      await listening(server);
      const log = listenOn(server);
      const error = new Error('EMFILE');
      server.emit('error', error);
      expect(await log.over()).toBe(error);
    });
  });
});

/** Whether only the superuser may listen on a port. */
function isPortRestricted(port: number): boolean {
  const setting = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
  return !existsSync(setting) || Number(readFileSync(setting, 'latin1')) > port;
}

/** Makes listening on a host fail so many times. @returns the hosts that are listened on from now on. */
function failToListen(failing: string, code: string, times: number): string[] {
  const hosts: string[] = [];
  let left = times;
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const original = Server.prototype.listen as (this: Server, options: object) => Server;
  jest.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
    const [options] = args as [{ host: string }];
    hosts.push(options.host);
    if (options.host !== failing || left-- <= 0) return original.call(this, options);
    process.nextTick(() => this.emit('error', Object.assign(new Error('simulated'), { code })));
    return this;
  });
  return hosts;
}
