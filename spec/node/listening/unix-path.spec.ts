import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { boundAddress, greetingAt, leaveStaleSocket, listenOn } from '../../helpers/listening-log.js';
import { expectNoProcessFaults } from '../../helpers/process-faults.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets.js';

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

  const inFolder = (): string[] => readdirSync(folder).sort();

  it('should appear with its mode, and be taken away', async () => {
    const log = listenOn(address, 0o640);
    expect(await boundAddress(log)).toBe(address);
    expect(lstatSync(path).isSocket()).toBe(true);
    expect((lstatSync(path).mode & 0o777).toString(8)).toBe('640');
    expect(inFolder()).toEqual(['app.sock']);
    expect(await greetingAt(address)).toBe('hello');
    log.unsubscribe();
    expect(inFolder()).toEqual([]);
  });

  it('should be for its owner alone by default', async () => {
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

  it.each([
    { what: 'a regular file', make: () => writeFileSync(path, 'precious') },
    { what: 'a folder', make: () => mkdirSync(path) },
  ])('should leave $what alone', async ({ make }) => {
    make();
    expect(await listenOn(address).over()).toMatchObject({ code: 'EADDRINUSE' });
    expect(lstatSync(path).isSocket()).toBe(false);
    expect(inFolder()).toEqual(['app.sock']);
  });

  it('should not take away what somebody else has put in its place', async () => {
    const first = listenOn(address);
    await boundAddress(first);
    renameSync(path, `${path}.old`);
    await boundAddress(listenOn(address));
    first.unsubscribe();
    expect(inFolder()).toEqual(['app.sock', 'app.sock.old']);
    expect(await greetingAt(address)).toBe('hello');
  });

  it('should not mind when it has been taken away', async () => {
    const log = listenOn(address);
    await boundAddress(log);
    renameSync(path, `${path}.old`);
    log.unsubscribe();
    expect(inFolder()).toEqual(['app.sock.old']);
  });

  it('should fail in a folder that does not exist', async () => {
    const log = listenOn(`unix:${join(folder, 'no', 'app.sock')}`);
    // libuv says EACCES for ENOENT, for the sake of Windows.
    expect(await log.over()).toMatchObject({ code: expect.stringMatching(/^(EACCES|ENOENT)$/) as unknown });
    expect(inFolder()).toEqual([]);
  });

  it('should fail when its path is longer than the system allows, and leave nothing behind', async () => {
    const long = join(folder, `${'a'.repeat(120)}.sock`);
    expect(await listenOn(`unix:${long}`).over()).toMatchObject({ code: 'ENAMETOOLONG' });
    const deep = join(folder, 'd'.repeat(120));
    mkdirSync(deep);
    expect(await listenOn(`unix:${join(deep, 's')}`).over()).toMatchObject({ code: 'ENAMETOOLONG' });
    expect(inFolder()).toEqual(['d'.repeat(120)]);
    expect(readdirSync(deep)).toEqual([]);
  });

  it('should leave nothing behind where the folder is read-only', async () => {
    chmodSync(folder, 0o500);
    const log = listenOn(address);
    const outcome = await boundAddress(log).catch(() => log.over());
    // The super-user may write everywhere.
    if (process.getuid?.() !== 0) expect(outcome).toMatchObject({ code: 'EACCES' });
    log.unsubscribe();
    chmodSync(folder, 0o700);
    expect(existsSync(path)).toBe(false);
    expect(inFolder()).toEqual([]);
  });
});
