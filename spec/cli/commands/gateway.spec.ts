/** `rxscgi gateway`: HTTP in front of an application, with the log, the signals and the exit codes of `serve`. */
import { createServer } from 'node:net';
import { Subject, map, of } from 'rxjs';
import { run } from '../../../lib/cli/run.js';
import { Command, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { runInProcess } from '../../helpers/command/in-process.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import { serve } from '../../helpers/sockets/outgoing/call-application.js';
import { Log } from '../../helpers/sockets/log.js';
import { TestGateway, cleanUpSockets, listening } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

/** Runs the command in this process, until the end of the test. */
class Gateway {
  private readonly log: Log<{ to: string; text: string }>;

  constructor(...args: string[]) {
    this.log = new Log(run(['gateway', '--listen', '0', ...args]));
  }

  async line(pattern: RegExp, to = 'stderr'): Promise<string> {
    return (await this.log.value((line) => line.to === to && pattern.test(line.text))).text;
  }

  async url(): Promise<string> {
    return (await this.line(/listening/)).replace(/^.*listening on /, '');
  }

  get lines(): string[] {
    return this.log.values.map(({ text }) => text);
  }
}

const echo = () =>
  serve(({ variables, path }) => of({ body: `${path} at ${variables.get('SCRIPT_NAME') ?? 'no mount'}` }));

describe('rxscgi gateway', () => {
  it('should pass requests on, and log them', async () => {
    const gateway = new Gateway('--to', await echo());
    const url = await gateway.url();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[0-9]+\/$/);
    expect(await call(`${url}a?b`)).toMatchObject({ status: 200, text: '/a at no mount' });
    await gateway.line(/^127\.0\.0\.1 - - \[.*\] "GET \/a\?b HTTP\/1\.1" 200 14 [0-9.]+ms$/, 'stdout');
    expect(gateway.lines.filter((line) => line.includes('warning'))).toEqual([]);
  });

  it('should mount the application, and answer 404 beside it', async () => {
    const gateway = new Gateway('--to', await echo(), '--mount', '/RPC2');
    const url = await gateway.url();
    expect(await call(`${url}RPC2`)).toMatchObject({ status: 200, text: '/RPC2 at /RPC2' });
    expect(await call(`${url}RPC22`)).toMatchObject({ status: 404, text: 'Not Found\n' });
  });

  it('should log a failure with its cause, and answer without', async () => {
    const gateway = new Gateway('--to', 'unix:/nowhere/app.sock', '--log', 'json');
    const listening = JSON.parse(await gateway.line(/"event":"listening"/)) as { address: string };
    expect(await call(listening.address)).toMatchObject({ status: 502, text: 'Bad Gateway\n' });
    const failure = JSON.parse(await gateway.line(/"event":"failure"/)) as object;
    expect(failure).toMatchObject({ code: 'ERR_SCGI_CONNECT_FAILED', method: 'GET', uri: '/' });
    const response = JSON.parse(await gateway.line(/"event":"response"/, 'stdout')) as object;
    expect(response).toMatchObject({ status: 502, aborted: false });
  });

  it.each([
    [[], 421],
    [['--allowed-host', 'shop.example'], 200],
    [['--allowed-host', '.example'], 200],
  ])('should take other hosts than those of this machine only with %j', async (flags, status) => {
    const gateway = new Gateway('--to', await echo(), ...flags);
    const reply = await call(await gateway.url(), { headers: { Host: 'shop.example:80' } });
    expect(reply.status).toBe(status);
    if (status === 421) await gateway.line(/ the host "shop\.example:80" is not one of --allowed-host\b/);
  });

  it.each(['0.0.0.0:0', '[::]:0'])('should warn in one line on %s, and take all hosts', async (listen) => {
    const to = await echo();
    const gateway = new Gateway('--listen', listen, '--to', to);
    const url = await gateway.url();
    const [first] = gateway.lines;
    expect(first).toMatch(/^rxscgi: warning: [^\n]*commands$/);
    expect(first).toContain(`reach ${listen} can call ${to}`);
    expect(await call(url, { headers: { Host: 'shop.example' } })).toMatchObject({ status: 200 });
  });

  it.each([
    [[], '--to'],
    [['--to', 'nowhere'], 'nowhere'],
    [['--to', 'fd:3'], 'fd:3'],
    [['--to', '127.0.0.1:1', 'more'], '"more"'],
    [['--to', '127.0.0.1:1', '--listen', 'unix:/x'], '--listen'],
    [['--to', '127.0.0.1:1', '--listen', '65536'], '--listen'],
    [['--to', '127.0.0.1:1', '--mount', 'RPC2'], '--mount'],
    [['--to', '127.0.0.1:1', '--allowed-host', 'a:80'], '--allowed-host'],
    [['--to', '127.0.0.1:1', '--trust-proxy', 'nobody'], '--trust-proxy'],
    [['--to', '127.0.0.1:1', '--max-connections', '0'], '--max-connections'],
    [['--to', '127.0.0.1:1', '--connect-timeout-ms', 'soon'], '--connect-timeout-ms'],
    [['--to', '127.0.0.1:1', '--drain-timeout-ms', '0'], '--drain-timeout-ms'],
    [['--too', '127.0.0.1:1'], '--to?'],
  ])('should exit with 2 for %j', async (args, named) => {
    const { code, message } = await runInProcess(['gateway', ...args]);
    expect(code).toBe(2);
    expect(message).toContain(named);
  });

  it('should exit with 1 when the port is in use', async () => {
    const address = await listening(createServer());
    const { code, stderr } = await runCommand(['gateway', '--to', '127.0.0.1:1', '--listen', address]);
    expect(code).toBe(1);
    expect(stderr).toEqual([expect.stringContaining(address)]);
  });

  it('should finish the requests under way at SIGTERM, and end with 0', async () => {
    const release = new Subject<void>();
    const begun = new Subject<void>();
    const to = await serve(() => {
      begun.next();
      return release.pipe(map(() => ({ body: 'in time' })));
    });
    const command = new Command(['gateway', '--listen', '0', '--to', to]);
    const url = await command.address();
    const client = await TestGateway.connect(new URL(url).host);
    const started = new Promise<void>((resolve) => begun.subscribe(resolve));
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await started;
    command.kill('SIGTERM');
    await command.stderr.value((line) => line.includes('draining'));
    await expect(TestGateway.connect(new URL(url).host)).rejects.toThrow('ECONNREFUSED');
    release.next();
    expect(await client.response()).toContain('in time');
    expect(await command.end()).toMatchObject({ code: 0, signal: null });
    expect(command.stderr.values.at(-1)).toBe('rxscgi: closed');
  });

  it('should end at once at a second signal, and close the connections to the application', async () => {
    const left = new Subject<void>();
    const begun = new Subject<void>();
    const to = await serve(({ signal }) => {
      signal.addEventListener('abort', () => left.next());
      begun.next();
      return new Subject<never>();
    });
    const command = new Command(['gateway', '--listen', '0', '--to', to]);
    const client = await TestGateway.connect(new URL(await command.address()).host);
    const started = new Promise<void>((resolve) => begun.subscribe(resolve));
    const gone = new Promise<void>((resolve) => left.subscribe(resolve));
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await started;
    command.kill('SIGTERM');
    await command.stderr.value((line) => line.includes('draining'));
    command.kill('SIGTERM');
    expect(await command.end()).toMatchObject({ code: 143 });
    await gone;
  });
});
