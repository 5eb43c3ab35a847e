/** Runs examples/scale-out: machines behind nginx, with and without HAProxy, of which one fails. Processes take the place of machines. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Subject, concat, of } from 'rxjs';
import { requestBytes } from '../../lib/testing/index.js';
import { ROOT } from '../helpers/command/build.js';
import { useBuiltCommand } from '../helpers/command/command.js';
import { describeWith } from '../helpers/describe-with.js';
import { readPage } from '../helpers/docs/snippets.js';
import { call } from '../helpers/peers/clients/http-client.js';
import { freePort } from '../helpers/peers/free-port.js';
import { findExecutable } from '../helpers/peers/find-executable.js';
import { GatewayProcess } from '../helpers/peers/gateway-process.js';
import { exampleFile, loadOf, startMachine, startNginx } from '../helpers/applications/machines.js';
import { createSharedFolder, errorLogPath, type Gateway } from '../helpers/peers/web-servers/peer.js';
import { TestGateway, cleanUpSockets } from '../helpers/sockets/sockets.js';
import type { Load } from '../helpers/sockets/load.js';
import { TestServer } from '../helpers/sockets/test-server.js';

useBuiltCommand();
cleanUpSockets();

/** The addresses of the machines in the example, each with one of these in its place. */
function addressesOf(ports: readonly number[]): Record<string, string> {
  return Object.fromEntries(ports.map((port, index) => [`10.0.0.1${index + 1}:4000`, `127.0.0.1:${port}`]));
}

/** Waits until each of these machines has answered: one that stands still gets nothing, and does not hold up the others. */
async function answered(load: Load, names: readonly string[], since = 0): Promise<void> {
  while (!names.every((name) => load.answers.includes(name, since))) await load.more(10);
}

/** The others go on; of the second machine, only the requests that were under way are answered, and none of them late. */
async function expectRest(load: Load, answers = 100): Promise<void> {
  const since = load.answers.length;
  await load.more(answers);
  await answered(load, ['one', 'three'], since);
  expect(load.answers.slice(since).filter((name) => name === 'two').length).toBeLessThanOrEqual(8);
  expect(load.answers.slice(-50)).not.toContain('two');
}

describe('docs/recipes/scaling.md', () => {
  it.each([
    ['nginx', 'nginx.conf'],
    ['nginx', 'nginx-haproxy.conf'],
    ['haproxy', 'haproxy.cfg'],
  ])('should show the configuration of %s that is run here: %s', (language, name) => {
    expect(readPage('docs/recipes/scaling.md')).toContain(`\`\`\`${language}\n${exampleFile(name)}\`\`\``);
  });
});

describeWith(['nginx'], 'machines behind nginx', () => {
  let gateway: Gateway | undefined;

  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
  });

  it('should answer every idempotent request when one is killed under load, and use it again when it is back', async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const names = ['one', 'two', 'three'];
    const machines = await Promise.all(names.map((name, index) => startMachine(name, ports[index]!)));
    gateway = await startNginx('nginx.conf', addressesOf(ports));
    const load = loadOf(gateway.url);

    await answered(load, names);

    machines[1]!.kill('SIGKILL');
    await machines[1]!.end();
    await expectRest(load, 200);

    await startMachine('two again', ports[1]!);
    while (!load.answers.includes('two again')) await load.more(10);
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  it('should use the next machine while one is restarted', async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const machines = await Promise.all(ports.map((port, index) => startMachine(String(index), port)));
    gateway = await startNginx('nginx.conf', addressesOf(ports));
    const load = loadOf(gateway.url);
    for (const [index, machine] of machines.entries()) {
      await load.more(50);
      machine.kill('SIGTERM');
      expect((await machine.end()).code).toBe(0);
      await startMachine(`${index} again`, ports[index]!);
      while (!load.answers.includes(`${index} again`)) await load.more(10);
    }
    await load.stop();
    expect(load.failures).toEqual([]);
  });
});

/** HAProxy with the example's configuration, beside nginx. */
interface Balancer {
  readonly port: number;
  /** Sends a command to its admin socket, and returns the answer. */
  ask(command: string): Promise<string>;
  stop(): Promise<void>;
}

async function startHaproxy(ports: readonly number[]): Promise<Balancer> {
  const folder = await createSharedFolder();
  const port = await freePort();
  const socket = join(folder, 'admin.sock');
  const configuration = exampleFile('haproxy.cfg', {
    ...addressesOf(ports),
    // Only root may change them.
    '    chroot /var/lib/haproxy\n    user haproxy\n    group haproxy\n': '',
    '127.0.0.1:4100': `127.0.0.1:${port}`,
    '/run/haproxy/admin.sock': socket,
    // Three checks that take so long, and a machine is out: more than a busy computer makes one wait.
    'timeout check 2s': 'timeout check 1s',
    'inter 1s': 'inter 50ms',
  });
  const path = join(folder, 'haproxy.cfg');
  await writeFile(path, configuration);
  const executable = findExecutable('haproxy') ?? 'haproxy';
  const args = ['-db', '-f', path];
  const running = await GatewayProcess.start({ executable, args, port, errorLogPath: errorLogPath(folder) });
  return {
    port,
    ask: (command) => {
      const connection = connect(socket);
      connection.write(`${command}\n`);
      return text(connection);
    },
    stop: () => running.stop().finally(() => rm(folder, { recursive: true })),
  };
}

describe('examples/scale-out/haproxy.cfg', () => {
  it('should check with a request for /health', () => {
    const request = Buffer.from(requestBytes({ uri: '/health' })).toString('hex');
    expect(exampleFile('haproxy.cfg')).toContain(`tcp-check send-binary ${request}\n`);
  });
});

describeWith(['haproxy'], 'examples/scale-out/haproxy.cfg, as it is', () => {
  it('should be valid', () => {
    const path = join(ROOT, 'examples/scale-out/haproxy.cfg');
    const { status, stderr } = spawnSync(findExecutable('haproxy')!, ['-c', '-f', path], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describeWith(['nginx', 'haproxy'], 'machines behind nginx and HAProxy', () => {
  const names = ['one', 'two', 'three'];
  let ports: number[];
  let machines: Awaited<ReturnType<typeof startMachine>>[];
  let balancer: Balancer | undefined;
  let gateway: Gateway | undefined;

  beforeEach(async () => {
    ports = [await freePort(), await freePort(), await freePort()];
    machines = await Promise.all(names.map((name, index) => startMachine(name, ports[index]!)));
    balancer = await startHaproxy(ports);
    gateway = await startNginx('nginx-haproxy.conf', { '127.0.0.1:4100': `127.0.0.1:${balancer.port}` });
  });

  afterEach(async () => {
    await gateway?.stop();
    await balancer?.stop();
    [gateway, balancer] = [undefined, undefined];
  });

  it('should send a machine that drains no requests, and lose none', async () => {
    const load = loadOf(gateway!.url);
    await answered(load, names);
    expect(await balancer!.ask('set server app/two state drain')).toBe('\n');
    await expectRest(load);
    machines[1]!.kill('SIGTERM');
    expect((await machines[1]!.end()).code).toBe(0);
    await startMachine('two again', ports[1]!);
    await balancer!.ask('set server app/two state ready');
    while (!load.answers.includes('two again')) await load.more(10);
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'should answer every idempotent request when one gets %s under load, and use it again when it is back',
    async (signal) => {
      const load = loadOf(gateway!.url);
      await answered(load, names);
      machines[1]!.kill(signal);
      // A machine that hangs accepts connections: only the check finds out.
      while (!(await stateOf(balancer!, 'two')).startsWith('DOWN')) await load.more(10);
      await expectRest(load);
      if (signal === 'SIGSTOP') machines[1]!.kill('SIGCONT');
      else await startMachine('two', ports[1]!);
      const backAfter = load.answers.length;
      while (!load.answers.includes('two', backAfter)) await load.more(10);
      await load.stop();
      expect(load.failures).toEqual([]);
    },
  );
});

describeWith(['nginx', 'haproxy'], 'nginx and HAProxy in front of a machine that is being killed', () => {
  // Linux closes its connections before the socket that listens: whoever connects in between is reset. Only the third try is refused,
  // so that HAProxy makes it to another machine.
  it('should answer a request whose repetition meets it again', async () => {
    let tries = 0;
    const machine = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (request) => {
        if (request.includes('/health')) socket.end('Status: 200 OK\r\n\r\n');
        else if (++tries < 3) socket.resetAndDestroy();
        else socket.end('Status: 200 OK\r\nContent-Length: 7\r\n\r\nanother');
      });
    });
    await once(machine.listen(0, '127.0.0.1'), 'listening');
    const { port } = machine.address() as AddressInfo;
    const balancer = await startHaproxy([port, port, port]);
    const gateway = await startNginx('nginx-haproxy.conf', {
      '127.0.0.1:4100': `127.0.0.1:${balancer.port}`,
    });
    try {
      expect(await call(gateway.url)).toMatchObject({ status: 200, text: 'another' });
      expect(tries).toBe(3);
    } finally {
      await gateway.stop();
      await balancer.stop();
      machine.close();
    }
  });
});

describeWith(['haproxy'], 'HAProxy in front of one machine', () => {
  it('should end a connection regularly that the application has reset: docs/recipes/scaling.md says so', async () => {
    let rest = new Subject<never>();
    const server = new TestServer(() => of({ body: concat(['half'], rest) }));
    const [, port] = (await server.event('listening')).address.split(':');
    const balancer = await startHaproxy([Number(port), Number(port), Number(port)]);
    const endings = [];
    for (const target of [port, balancer.port]) {
      rest = new Subject();
      const client = await TestGateway.connect(`127.0.0.1:${target}`);
      client.write(requestBytes());
      await client.received((all) => all.endsWith('half'));
      rest.error(new Error('broken'));
      endings.push(await client.ending());
      client.end();
    }
    expect(endings).toEqual(['ECONNRESET', 'end']);
    await balancer.stop();
  });
});

/** `UP`, `DOWN 1/3`, … */
async function stateOf(balancer: Balancer, machine: string): Promise<string> {
  const [header = '', ...lines] = (await balancer.ask('show stat')).split('\n');
  const column = header.replace('# ', '').split(',').indexOf('status');
  return lines.find((line) => line.startsWith(`app,${machine},`))?.split(',')[column] ?? '';
}
