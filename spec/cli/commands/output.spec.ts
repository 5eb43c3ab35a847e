/** The command's output when nothing reads it: lines are dropped and counted, and the process ends all the same. */
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { Command, useBuiltCommand } from '../../helpers/command/command.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';
import { StalledPipe } from '../../helpers/command/stalled-pipe.js';

useBuiltCommand();
cleanUpSockets();

const SERVE = ['serve', 'greet.mjs', '--listen', '127.0.0.1:0'];
/** Each line of the log is so long that these requests fill a pipe and the queue behind it. */
const LONG_URI = `/${'x'.repeat(8000)}`;
const REQUESTS = 180;

async function fill(address: string): Promise<void> {
  for (let count = 0; count < REQUESTS; count += 10) {
    await Promise.all(Array.from({ length: 10 }, () => exchange(address, { uri: LONG_URI })));
  }
}

describe('output that nothing reads', () => {
  it('should drop lines of stdout, and say how many once it is read', async () => {
    const pipe = new StalledPipe();
    const command = new Command(SERVE, { stdout: pipe.fd });
    await fill(await command.address());
    const read = pipe.read();
    const notice = await command.stderr.value((line) =>
      / lines were dropped, as nothing read stdout$/.test(line),
    );
    const dropped = Number(/\d+/.exec(notice)![0]);
    expect(dropped).toBeGreaterThan(0);
    await read.value(() => read.values.length === REQUESTS - dropped);
    expect(await exchange(await command.address(), { uri: '/after' })).toMatch(/^200/);
    await read.value((line) => line.includes('"GET /after '));
    expect(read.values).toHaveLength(REQUESTS - dropped + 1);
  });

  it.each([
    ['stdout', SERVE],
    ['stdout', [...SERVE, '--log', 'json']],
    ['stdout', [...SERVE, '--workers', '2']],
  ])('should not keep the process from its end: %s of %j', async (_stream, args) => {
    const command = new Command(args, { stdout: new StalledPipe().fd });
    const line = await command.stderr.value((text) => /listening/.test(text));
    await fill(/127\.0\.0\.1:\d+/.exec(line)![0]);
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
  });

  it.each([
    ['serve', ['serve', 'app.mjs', '--listen', 'PATH']],
    ['workers', ['serve', 'app.mjs', '--listen', 'PATH', '--workers', '2']],
  ])('should not keep the process from its end: stderr of %s', async (_name, args) => {
    const folder = temporaryFolder();
    const path = `unix:${folder}/app.sock`;
    const pipe = new StalledPipe();
    const command = new Command(
      args.map((arg) => (arg === 'PATH' ? path : arg)),
      { stderr: pipe.fd },
    );
    // Its stderr cannot say so.
    await appears('app.sock', folder);
    for (let count = 0; count < REQUESTS; count += 10) {
      await Promise.all(Array.from({ length: 10 }, () => exchange(path, { uri: `/throw?${LONG_URI}` })));
    }
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
  });

  it('should not keep dev from its end', async () => {
    const pipe = new StalledPipe();
    const command = new Command(['dev', 'app.mjs', '--http', '0'], { stderr: pipe.fd });
    const url = await command.url();
    for (let count = 0; count < REQUESTS; count++) await (await fetch(`${url}throw?${LONG_URI}`)).text();
    command.kill('SIGTERM');
    expect((await command.end()).code).toBe(0);
  });
});

/** Waits until there is a file in a folder. A socket gets its name when it listens. */
async function appears(name: string, folder: string): Promise<void> {
  const watcher = watch(folder);
  while (!existsSync(join(folder, name))) await once(watcher, 'change');
  watcher.close();
}
