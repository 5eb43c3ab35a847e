/** `rxscgi dev` at work: HTTP to SCGI and back. */
import { createServer } from 'node:net';
import { Command, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { call, openCall } from '../../helpers/peers/clients/http-client.js';
import { MIB, patternDigest } from '../../helpers/peers/clients/pattern.js';
import { TestGateway, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

const LARGE = 50 * MIB;

useBuiltCommand();
cleanUpSockets();

function dev(...options: string[]): Command {
  return new Command(['dev', 'app.mjs', '--http', '0', ...options]);
}

/** An HTTP client that speaks in bytes. */
async function connectTo(url: string): Promise<TestGateway> {
  return TestGateway.connect(new URL(url).host);
}

describe('rxscgi dev', () => {
  it('should print its URL, and serve the module there', async () => {
    const command = new Command(['dev', 'greet.mjs', '--http', '0']);
    const url = await command.url();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9][0-9]*\/$/);
    expect(await call(`${url}x`)).toMatchObject({ status: 200, complete: true, text: 'hello from ESM, /x' });
    expect(await command.stdout.value((line) => line.startsWith('127.0.0.1'))).toMatch(
      /"GET \/x HTTP\/1\.1" 200 \d+ \d+\.\dms$/,
    );
  });

  it.each([
    ['::1', /^http:\/\/\[::1\]:[0-9]+\/$/],
    ['0.0.0.0', /^http:\/\/localhost:[0-9]+\/$/],
  ])('should listen on the host %s, and print a URL that works here', async (host, expected) => {
    const url = await new Command(['dev', 'greet.mjs', '--port', '0', '--host', host]).url();
    expect(url).toMatch(expected);
    const client = await TestGateway.connect(new URL(url).host);
    client.write('GET /x HTTP/1.0\r\n\r\n');
    expect(await client.response()).toMatch(/hello from ESM, \/x$/);
  });

  it('should exit with 1 and name the host when it is not of this machine', async () => {
    const { code, stderr } = await runCommand(['dev', 'greet.mjs', '--port', '0', '--host', '192.0.2.1']);
    expect(stderr).toEqual([expect.stringContaining('192.0.2.1 is not an address of this machine')]);
    expect(code).toBe(1);
  });

  it('should listen on the given port, and exit with 1 and a hint when that is in use', async () => {
    const taken = new URL(`http://${await listening(createServer())}`);
    const { code, stdout, stderr } = await runCommand(['dev', 'greet.mjs', '--http', taken.port]);
    expect(stderr).toEqual([
      `rxscgi: port ${taken.port} is in use: choose another with --port PORT, or any free one with --port 0`,
    ]);
    expect(stdout).toEqual([]);
    expect(code).toBe(1);
  });

  it('should exit with 2 when the module has no handler and nobody watches', async () => {
    const { code, stdout, stderr } = await runCommand([
      'dev',
      'modules/typescript-loader.mjs',
      '--http',
      '0',
      '--no-watch',
    ]);
    expect(stderr).toEqual([expect.stringContaining('typescript-loader.mjs has no handler')]);
    expect(stdout).toEqual([]);
    expect(code).toBe(2);
  });

  describe('bodies', () => {
    it('should carry a large upload', async () => {
      const url = await dev().url();
      const { status, text } = await call(`${url}digest`, { upload: LARGE });
      expect(status).toBe(200);
      expect(JSON.parse(text)).toEqual({ bytes: LARGE, digest: patternDigest(LARGE) });
    });

    it('should carry a chunked upload', async () => {
      const url = await dev().url();
      const { text } = await call(`${url}digest`, { upload: MIB, chunked: true });
      expect(JSON.parse(text)).toEqual({ bytes: MIB, digest: patternDigest(MIB) });
    });

    it('should carry both at once', async () => {
      const url = await dev().url();
      expect(await call(`${url}echo`, { upload: LARGE })).toMatchObject({
        status: 200,
        complete: true,
        bytes: LARGE,
        digest: patternDigest(LARGE),
      });
    });

    it('should carry a large download', async () => {
      const url = await dev().url();
      expect(await call(`${url}blocks?800`)).toMatchObject({
        status: 200,
        complete: true,
        bytes: 800 * 65_536,
      });
    });

    it('should obey the limits of the server', async () => {
      const url = await dev('--max-body-bytes', '1000').url();
      expect(await call(`${url}digest`, { upload: 1001 })).toMatchObject({
        status: 413,
        complete: true,
        text: 'Content Too Large\n',
      });
    });
  });

  describe('failures', () => {
    it('should be a 500 and a stack in the log, of which the client sees nothing', async () => {
      const command = dev();
      const url = await command.url();
      expect(await call(`${url}throw`)).toMatchObject({ status: 500, text: 'Internal Server Error\n' });
      await command.stderr.value((line) => /"GET \/throw HTTP\/1\.1" TypeError: one 127/.test(line));
      await command.stderr.value((line) => /^ {4}at .*app\.mjs:\d+:\d+/.test(line));
    });

    it('should be one line without a stack where the handler throws a 404', async () => {
      const command = dev();
      const url = await command.url();
      expect(await call(`${url}refuse`)).toMatchObject({ status: 404, text: 'Not Found\n' });
      expect(await call(`${url}throw`)).toMatchObject({ status: 500 });
      // What follows tells where the lines of the first one end.
      await command.stderr.value((line) => line.includes('"GET /throw HTTP/1.1"'));
      const { values } = command.stderr;
      const index = values.findIndex((line) => line.includes('"GET /refuse HTTP/1.1"'));
      expect(values[index]).toMatch(/ HTTPException: no such fruit \(.*app\.mjs:\d+:\d+\)$/);
      expect(values[index + 1]).toContain('"GET /throw HTTP/1.1"');
    });

    it('should not look complete when the handler fails after the head', async () => {
      const command = dev();
      const url = await command.url();
      expect(await call(`${url}break`)).toMatchObject({ status: 200, complete: false, text: 'half' });
      await command.stderr.value((line) => line.includes('"GET /break HTTP/1.1" Error: broken'));
    });
  });

  it('should unsubscribe the handler when the client goes away', async () => {
    const command = dev();
    const ticking = openCall(`${await command.url()}ticks`);
    await ticking.response;
    ticking.abandon();
    expect(await command.stdout.value((line) => line === 'unsubscribed')).toBe('unsubscribed');
  });

  describe('on a signal', () => {
    // Ctrl-C in a terminal, and systemd, send it to all processes of the group.
    it.each(['SIGINT', 'SIGTERM'] as const)(
      'should drain on %s to all processes, and exit with 0',
      async (signal) => {
        const command = new Command(['dev', 'app.mjs', '--http', '0'], { launcher: ['setsid'] });
        const url = await command.url();
        const client = await connectTo(url);
        client.write('POST /text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nall ');
        // Behind it, so that it is under way.
        await call(`${url}digest`);
        process.kill(-command.pid, signal);
        expect(await command.stderr.value((line) => line.includes('draining'))).toMatch(
          /connections open: [12]$/,
        );
        await expect(TestGateway.connect(new URL(url).host)).rejects.toThrow('ECONNREFUSED');
        client.write('of it');
        expect(await client.response()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*got all of it$/);
        expect(await command.end()).toMatchObject({ code: 0 });
        expect(command.stderr.values.at(-1)).toBe('rxscgi: closed');
      },
    );

    it('should call start() and stop(), and let streams end', async () => {
      const command = new Command(['dev', 'drain.mjs', '--http', '0']);
      const client = await connectTo(await command.url());
      client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      await client.received((text) => text.includes('held'));
      command.kill('SIGINT');
      expect(await client.response()).toMatch(/ bye\r\n0\r\n\r\n$/);
      const { code, stdout } = await command.end();
      expect(stdout.filter((line) => /^st/.test(line))).toEqual(['start draining', 'stop']);
      expect(code).toBe(0);
    });

    it('should cut at the end of its patience what never ends, and exit with 0', async () => {
      const command = dev('--drain-timeout-ms', '20');
      const client = await connectTo(await command.url());
      client.write('GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await client.received((text) => text.includes('held'));
      command.kill('SIGINT');
      await client.ending();
      expect(client.text).not.toContain('\r\n0\r\n');
      const { code, stderr } = await command.end();
      expect(code).toBe(0);
      // Both ends cut at the same time. If the front end is first, there is nothing to report.
      expect(stderr.join('\n')).not.toMatch(/ERR_SCGI_(?!DRAIN_TIMEOUT)/);
    });

    it('should end at once on a second one', async () => {
      const command = dev();
      const client = await connectTo(await command.url());
      client.write('GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await client.received((text) => text.includes('held'));
      command.kill('SIGINT');
      await command.stderr.value((line) => line.includes('draining'));
      command.kill('SIGINT');
      expect(await command.end()).toMatchObject({ code: 130 });
    });
  });
});
