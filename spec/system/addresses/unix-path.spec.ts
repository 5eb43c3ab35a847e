import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Server, Socket, createServer, type SocketConnectOpts } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { BindingFolder } from '../../../lib/system/addresses/binding-folder.js';
import { verifySocketAccess } from '../../../lib/system/addresses/socket-access.js';
import { publishPath } from '../../../lib/system/addresses/unix-path.js';
import { boundAddress, greetingAt, leaveStaleSocket, listenOn } from '../../helpers/sockets/listening-log.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();
cleanUpSockets();

describe('a Unix socket that is listened on', () => {
  let folder: string;
  let path: string;
  let address: string;

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, 'app.sock');
    address = `unix:${path}`;
  });

  afterEach(() => jest.restoreAllMocks());

  const inFolder = (): string[] => readdirSync(folder).sort();

  it('should appear with its mode, and be removed', async () => {
    const log = listenOn(address, { socketMode: 0o640 });
    expect(await boundAddress(log)).toBe(address);
    expect(lstatSync(path).isSocket()).toBe(true);
    expect((lstatSync(path).mode & 0o777).toString(8)).toBe('640');
    expect(inFolder()).toEqual(['app.sock']);
    expect(await greetingAt(address)).toBe('hello');
    log.unsubscribe();
    expect(inFolder()).toEqual([]);
  });

  it('should be accessible only to its owner by default', async () => {
    await boundAddress(listenOn(address));
    expect((lstatSync(path).mode & 0o777).toString(8)).toBe('600');
  });

  it('should replace one on which nobody listens', async () => {
    await leaveStaleSocket(path);
    expect(lstatSync(path).isSocket()).toBe(true);
    await boundAddress(listenOn(address));
    expect(await greetingAt(address)).toBe('hello');
    expect(inFolder()).toEqual(['app.sock']);
  });

  it('should not replace one on which somebody listens', async () => {
    await boundAddress(listenOn(address));
    const { ino } = lstatSync(path);
    expect(await listenOn(address).over()).toMatchObject({ code: 'EADDRINUSE' });
    expect(lstatSync(path).ino).toBe(ino);
    expect(inFolder()).toEqual(['app.sock']);
    expect(await greetingAt(address)).toBe('hello');
  });

  it('should have one winner when two replace the same stale socket at once', async () => {
    await leaveStaleSocket(path);
    const logs = [listenOn(address), listenOn(address)];
    const outcomes = await Promise.all(logs.map((log) => boundAddress(log).catch(() => log.over())));
    expect(outcomes).toContainEqual(expect.objectContaining({ code: 'EADDRINUSE' }));
    expect(outcomes).toContain(address);
    expect(await greetingAt(address)).toBe('hello');
    expect(inFolder()).toEqual(['app.sock']);
  });

  describe('while somebody else is busy with the same path', () => {
    const server = createServer();
    let bound: string;

    // Whether or not it listens.
    afterEach(() => void server.close());

    beforeEach(async () => {
      bound = join(folder, 'bound');
      await leaveStaleSocket(path);
      await leaveStaleSocket(bound);
    });

    /** Does something when it is asked whether anybody listens on the path. */
    function whenProbed(work: () => void): void {
      jest.spyOn(Socket.prototype, 'connect').mockImplementationOnce(function (
        this: Socket,
        options: unknown,
      ) {
        work();
        return this.connect(options as SocketConnectOpts);
      });
    }

    it('should take the same socket for published when a sibling has put it there meanwhile', async () => {
      rmSync(bound);
      await new Promise<void>((listening) => server.listen(bound, listening));
      const { ino } = lstatSync(bound);
      whenProbed(() => {
        rmSync(path);
        renameSync(bound, path);
      });
      const published = await firstValueFrom(publishPath(bound, path));
      expect(lstatSync(path).ino).toBe(ino);
      published.remove();
      expect(inFolder()).toEqual([]);
    });

    it('should be published where the other one has removed a stale socket meanwhile', async () => {
      const { ino } = lstatSync(bound);
      whenProbed(() => rmSync(path));
      await firstValueFrom(publishPath(bound, path));
      expect(lstatSync(path).ino).toBe(ino);
      expect(inFolder()).toEqual(['app.sock']);
    });
  });

  it.each([
    { what: 'a regular file', make: () => writeFileSync(path, 'precious') },
    { what: 'a folder', make: () => mkdirSync(path) },
  ])('should leave $what alone', async ({ make }) => {
    make();
    expect(await listenOn(address).over()).toMatchObject({ code: 'EADDRINUSE' });
    expect(lstatSync(path).isSocket()).toBe(false);
    expect(inFolder()).toEqual(['app.sock']);
  });

  it('should not remove what somebody else has put in its place', async () => {
    const first = listenOn(address);
    await boundAddress(first);
    renameSync(path, `${path}.old`);
    await boundAddress(listenOn(address));
    first.unsubscribe();
    expect(inFolder()).toEqual(['app.sock', 'app.sock.old']);
    expect(await greetingAt(address)).toBe('hello');
  });

  it('should tolerate that it has been removed', async () => {
    const log = listenOn(address);
    await boundAddress(log);
    renameSync(path, `${path}.old`);
    log.unsubscribe();
    expect(inFolder()).toEqual(['app.sock.old']);
  });

  it('should be bound where nobody else can reach it, and published with its mode', async () => {
    const bound = jest.spyOn(Server.prototype, 'listen').mock;
    chmodSync(folder, 0o777);
    const log = listenOn(address, { socketMode: 0o666 });
    const [{ path: boundPath }] = bound.calls[0] as unknown as [{ path: string }];
    // The system has bound it by now, but nobody has set its permissions yet.
    expect(lstatSync(boundPath).isSocket()).toBe(true);
    expect(lstatSync(dirname(boundPath)).mode & 0o077).toBe(0);
    await boundAddress(log);
    expect((lstatSync(path).mode & 0o777).toString(8)).toBe('666');
    expect(inFolder()).toEqual(['app.sock']);
  });

  // Elsewhere a folder cannot be reached through its descriptor.
  const itOnLinux = process.platform === 'linux' ? it : it.skip;

  itOnLinux('should not change the permissions of a file that somebody puts in its place', async () => {
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious', { mode: 0o600 });
    const bound = jest.spyOn(Server.prototype, 'listen').mock;
    const log = listenOn(address, { socketMode: 0o666 });
    const [{ path: boundPath }] = bound.calls[0] as unknown as [{ path: string }];
    swap(relative(folder, boundPath).split('/'), victim);
    await boundAddress(log).catch(() => undefined);
    expect((lstatSync(victim).mode & 0o777).toString(8)).toBe('600');
  });

  /** Puts a link to a file in the place of a socket, by write access to `folder` alone. */
  function swap([entry, inside]: string[], victim: string): void {
    const place = join(folder, entry as string);
    renameSync(place, `${place}.aside`);
    if (inside === undefined) symlinkSync(victim, place);
    else {
      mkdirSync(place);
      symlinkSync(victim, join(place, inside));
    }
  }

  it('should not be bound in a folder that somebody else has made', () => {
    const isOpen = join(folder, '.open');
    mkdirSync(isOpen);
    chmodSync(isOpen, 0o755);
    expect(() => BindingFolder.shared(join(isOpen, 's'), path)).toThrow(
      expect.objectContaining({ code: 'EACCES' }) as Error,
    );
    symlinkSync(folder, join(folder, '.link'));
    expect(() => BindingFolder.shared(join(folder, '.link', 's'), path)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(ENOTDIR|ELOOP)$/) as unknown }) as Error,
    );
  });

  it('should have its owner and group', async () => {
    const [uid, gid] = [process.getuid?.(), process.getgid?.()];
    await boundAddress(listenOn(address, { socketOwner: uid, socketGroup: gid }));
    expect(lstatSync(path)).toMatchObject({ uid, gid });
  });

  it('should be given to others only by the superuser, names included', async () => {
    const log = listenOn(address, { socketOwner: 12_345, socketGroup: 'daemon', socketMode: 0o660 });
    const outcome = await boundAddress(log).catch(() => log.over());
    if (process.getuid?.() === 0) {
      const { uid, gid, mode } = lstatSync(path);
      expect([uid, gid, mode & 0o777]).toEqual([
        12_345,
        verifySocketAccess({ socketGroup: 'daemon' }).gid,
        0o660,
      ]);
      log.unsubscribe();
    } else expect(outcome).toMatchObject({ code: 'EPERM', address });
    expect(inFolder()).toEqual([]);
  });

  describe('that cannot be made', () => {
    it.each([
      { why: 'its folder does not exist', name: 'no/app.sock', code: 'ENOENT' },
      { why: 'its folder is a file', name: 'file/app.sock', code: 'ENOTDIR' },
      { why: 'its path is too long', name: `${'a'.repeat(120)}.sock`, code: 'ENAMETOOLONG' },
      { why: 'its folder is too deep', name: `${'d'.repeat(120)}/s`, code: 'ENAMETOOLONG' },
    ])('should fail when $why, name its address, and leave nothing behind', async ({ name, code }) => {
      writeFileSync(join(folder, 'file'), '');
      mkdirSync(join(folder, 'd'.repeat(120)));
      const before = readdirSync(folder, { recursive: true });
      const asked = `unix:${join(folder, name)}`;
      const error = (await listenOn(asked).over()) as Error;
      expect(error).toMatchObject({ code, address: asked });
      expect(error.message).toContain(asked);
      expect(readdirSync(folder, { recursive: true })).toEqual(before);
    });

    it('should fail where the length leaves no room for the folder in which it is bound', async () => {
      const deep = join(folder, 'd'.repeat(100 - folder.length));
      mkdirSync(deep);
      const asked = `unix:${join(deep, 's')}`;
      expect(await listenOn(asked).over()).toMatchObject({ code: 'ENAMETOOLONG', address: asked });
      expect(readdirSync(deep)).toEqual([]);
    });

    it('should fail where the folder is read-only, and leave nothing behind', async () => {
      chmodSync(folder, 0o555);
      const uid = process.geteuid?.();
      // The superuser may write everywhere.
      if (uid === 0) process.seteuid?.(65_534);
      const outcome = listenOn(address).over();
      if (uid === 0) process.seteuid?.(0);
      expect(await outcome).toMatchObject({ code: 'EACCES', address });
      expect(inFolder()).toEqual([]);
    });
  });
});
