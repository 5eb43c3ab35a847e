/** `rxscgi request` and `rxscgi ping` as processes: stdin, stdout and signals. */
import { createHash } from 'node:crypto';
import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEVER, Subject, concat, map, of, scan } from 'rxjs';
import { Command, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { StalledPipe } from '../../helpers/command/stalled-pipe.js';
import { MIB, pattern, patternDigest } from '../../helpers/peers/clients/pattern.js';
import { Log } from '../../helpers/sockets/log.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

const LARGE = 20 * MIB;

useBuiltCommand();
cleanUpSockets();

async function addressOf(server: TestServer): Promise<string> {
  return (await server.event('listening')).address;
}

/** Starts a command in a pipeline of bash, in which `"$@"` is the command. */
function inBash(pipeline: string, ...args: string[]): Command {
  return new Command(args, { launcher: ['bash', '-c', pipeline, 'bash'] });
}

describe('rxscgi request', () => {
  it('should carry any bytes from a file, from stdin, and to stdout', async () => {
    const server = new TestServer(({ body }) => of({ body }));
    const address = await addressOf(server);
    const folder = temporaryFolder();
    const path = join(folder, 'sent');
    writeFileSync(path, Buffer.concat([...pattern(LARGE)]));
    for (const [data, ...more] of [[`@${path}`], ['@-', '--content-length', String(LARGE)]] as const) {
      const command = inBash(`"$@" <${path} >${folder}/received`, 'request', address, '-d', data, ...more);
      expect(await command.end()).toMatchObject({ code: 0, stderr: [] });
      expect(await digestOf(join(folder, 'received'))).toBe(patternDigest(LARGE));
    }
  });

  it('should collect what comes on stdin, as its length must be known', async () => {
    const server = new TestServer((request) => request.text().pipe(map((text) => ({ body: `got ${text}` }))));
    const command = inBash('{ echo a; echo b; } | "$@"', 'request', await addressOf(server), '-d', '@-');
    expect(await command.end()).toMatchObject({ code: 0, stdout: ['got a', 'b'] });
  });

  it('should end quietly with 8 when the reader of stdout is gone', async () => {
    const server = new TestServer(() => of({ body: pattern(LARGE) }));
    const command = inBash('"$@" | head -c 10; exit ${PIPESTATUS[0]}', 'request', await addressOf(server));
    expect(await command.end()).toMatchObject({ code: 8, stderr: [] });
    expect(await server.event('response')).toMatchObject({ aborted: true });
  });

  it('should wait for a slow reader of stdout, and count no time meanwhile', async () => {
    const taking = new Subject<number>();
    const taken = new Log(taking.pipe(scan((bytes, more) => bytes + more, 0)));
    const blocks = function* () {
      for (const block of pattern(LARGE)) {
        taking.next(block.length);
        yield block;
      }
    };
    // More than this process may be held up, as the server of both calls.
    const limit = ['--body-timeout-ms', '1500'];
    const pipe = new StalledPipe();
    const server = new TestServer(() => of({ body: blocks() }));
    const address = await addressOf(server);
    const command = new Command(['request', address, ...limit], { stdout: pipe.fd });
    await taken.value((bytes) => bytes > MIB);
    // Another call has run into the same timeout since.
    const silent = new TestServer(() => of({ body: concat(['held\n'], NEVER) }));
    const late = new Command(['request', await addressOf(silent), ...limit]);
    expect(await late.end()).toMatchObject({ code: 4 });
    expect(taken.values.at(-1)).toBeLessThan(LARGE);
    pipe.read();
    expect(await command.end()).toMatchObject({ code: 0, stderr: [] });
    expect(taken.values.at(-1)).toBe(LARGE);
  });

  it('should end at once on SIGINT', async () => {
    const server = new TestServer(() => of({ body: concat(['held\n'], NEVER) }));
    const command = new Command(['request', await addressOf(server)]);
    await command.stdout.value((line) => line === 'held');
    command.kill('SIGINT');
    // As a shell sees it: 130.
    expect(await command.end()).toMatchObject({ code: null, signal: 'SIGINT' });
    expect(await server.event('response')).toMatchObject({ aborted: true });
  });
});

describe('rxscgi ping', () => {
  it('should print a line and exit with 0, or with 1', async () => {
    const server = new TestServer(({ path }) => of({ status: path === '/' ? 200 : 503, body: 'text\n' }));
    const address = await addressOf(server);
    const healthy = await runCommand(['ping', address]);
    expect(healthy).toMatchObject({ code: 0, stderr: [] });
    expect(healthy.stdout).toEqual([expect.stringMatching(/ is healthy: it answered 200 in \d+ ms$/)]);
    const ill = await runCommand(['ping', address, '--uri', '/ill']);
    expect(ill).toMatchObject({ code: 1, stdout: [] });
    expect(ill.stderr).toEqual([expect.stringMatching(/^rxscgi: .* is not healthy: it answered 503$/)]);
  });
});

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
