/** Runs examples/scale-out: machines behind nginx, one of which is killed under load. Processes take the place of machines. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, useBuiltCommand } from '../helpers/command/command.js';
import { describeWith } from '../helpers/describe-with.js';
import { Load } from '../helpers/sockets/load.js';
import { freePort } from '../helpers/peers/free-port.js';
import { call, type Call } from '../helpers/peers/http-client.js';
import { nginx } from '../helpers/peers/nginx.js';
import { patternDigest } from '../helpers/peers/pattern.js';
import { definePeer, type Gateway } from '../helpers/peers/peer.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';

jest.setTimeout(60_000);
useBuiltCommand();
cleanUpSockets();

const EXAMPLE = join(__dirname, '../../examples/scale-out');
const UPLOAD_BYTES = 10_000;

/** The addresses of the machines in the example. */
const ADDRESSES = ['10.0.0.11:4000', '10.0.0.12:4000', '10.0.0.13:4000'];

/** Starts nginx with the example's configuration, and these addresses in place of its own. */
function startNginx(addresses: readonly string[]): Promise<Gateway> {
  let example = readFileSync(join(EXAMPLE, 'nginx.conf'), 'utf8');
  for (const [index, address] of ADDRESSES.entries()) {
    expect(example).toContain(`server ${address} `);
    example = example.replace(address, addresses[index]!);
  }
  const site = ({ port }: { readonly port: number }): string => {
    expect(example).toContain('listen 80;');
    return example.replace('listen 80;', `listen 127.0.0.1:${port};`);
  };
  return definePeer({ ...nginx, site }).start({ target: '' });
}

async function startMachine(name: string, port: number): Promise<Command> {
  const machine = new Command(['serve', 'handler.mjs', '--listen', `127.0.0.1:${port}`, '--log', 'common'], {
    cwd: EXAMPLE,
    env: { MACHINE: name },
  });
  await machine.address();
  return machine;
}

/** Returns the machine that answered. @throws unless the answer is complete and correct. */
async function ask(url: string, options: Call): Promise<string> {
  const { status, complete, text } = await call(url, options);
  if (status !== 200 || !complete) throw new Error(`${status}, ${complete ? 'complete' : 'cut'}: ${text}`);
  const answer = JSON.parse(text) as { machine: string; sha256?: string };
  if (options.upload !== undefined && answer.sha256 !== patternDigest(UPLOAD_BYTES))
    throw new Error(`wrong: ${text}`);
  return answer.machine;
}

describe('docs/scaling.md', () => {
  it('should show the configuration that is run here', () => {
    const page = readFileSync(join(EXAMPLE, '../../docs/scaling.md'), 'utf8');
    const configuration = readFileSync(join(EXAMPLE, 'nginx.conf'), 'utf8');
    expect(page).toContain(`\`\`\`nginx\n${configuration}\`\`\``);
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
    gateway = await startNginx(ports.map((port) => `127.0.0.1:${port}`));
    const { url } = gateway;
    let count = 0;
    const load = new Load(() => {
      const upload = count++ % 3 === 0;
      return ask(`${url}/${count}`, upload ? { method: 'PUT', upload: UPLOAD_BYTES } : {});
    }, 8);

    await load.more(100);
    expect(new Set(load.answers)).toEqual(new Set(names));

    machines[1]!.kill('SIGKILL');
    await machines[1]!.end();
    const killedAfter = load.answers.length;
    await load.more(200);
    expect(new Set(load.answers.slice(killedAfter + 8))).toEqual(new Set(['one', 'three']));

    await startMachine('two again', ports[1]!);
    while (!load.answers.includes('two again')) await load.more(10);
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  it('should use the next machine while one is restarted', async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const machines = await Promise.all(ports.map((port, index) => startMachine(String(index), port)));
    gateway = await startNginx(ports.map((port) => `127.0.0.1:${port}`));
    const { url } = gateway;
    const load = new Load(() => ask(url, {}), 8);
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
