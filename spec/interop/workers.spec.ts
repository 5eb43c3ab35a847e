/** `rxscgi serve --workers` behind nginx: no idempotent request is lost when a worker dies or workers are replaced. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command, useBuiltCommand } from '../helpers/command/command.js';
import { describeWith } from '../helpers/describe-with.js';
import { Load } from '../helpers/sockets/load.js';
import { call } from '../helpers/peers/clients/http-client.js';
import { nginx } from '../helpers/peers/web-servers/nginx.js';
import { createSharedFolder, definePeer, type Gateway } from '../helpers/peers/web-servers/peer.js';
import { afterwards, cleanUpSockets } from '../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const SOCKET = 'unix:/run/app/app.sock';
/** The configuration of docs/recipes/operations.md. */
const UPSTREAM = `upstream app {
    server ${SOCKET} max_fails=0;
    server ${SOCKET} max_fails=0;
}
`;
const SECOND_TRY = 'scgi_next_upstream error timeout;';

async function ask(url: string): Promise<string> {
  const { status, complete, text } = await call(url);
  if (status !== 200 || !complete) throw new Error(`${status}, ${complete ? 'complete' : 'cut'}: ${text}`);
  return text;
}

describe('docs/recipes/operations.md', () => {
  it('should show the configuration that is run here', () => {
    const page = readFileSync(join(__dirname, '../../docs/recipes/operations.md'), 'utf8');
    expect(page).toContain(`\`\`\`nginx\n${UPSTREAM}\`\`\``);
    expect(page).toContain(SECOND_TRY);
  });
});

describeWith(['nginx'], 'two workers behind nginx', () => {
  let gateway: Gateway;
  let command: Command;

  beforeEach(async () => {
    const folder = await createSharedFolder();
    afterwards(() => rmSync(folder, { recursive: true }));
    const address = `unix:${join(folder, 'app.sock')}`;
    const args = ['serve', 'worker.mjs', '--listen', address, '--socket-mode', '666', '--workers', '2'];
    command = new Command(args);
    await command.address();
    const site: typeof nginx.site = (config) =>
      UPSTREAM.replaceAll(SOCKET, address) + nginx.site({ ...config, directives: [SECOND_TRY] });
    gateway = await definePeer({ ...nginx, site }).start({ target: 'app' });
  });

  afterEach(() => gateway.stop());

  it('should answer every request while one is killed', async () => {
    const pids = await command.workers(2);
    const load = new Load(() => ask(`${gateway.url}/later`), 8);
    for (const [index, pid] of pids.entries()) {
      await load.more(100);
      process.kill(pid, 'SIGKILL');
      const all = await command.workers(3 + index);
      while (!load.answers.includes(String(all.at(-1)))) await load.more(10);
    }
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  it('should answer every request while they are replaced', async () => {
    const before = (await command.workers(2)).map(String);
    const load = new Load(() => ask(`${gateway.url}/later`), 8);
    await load.more(100);
    command.kill('SIGHUP');
    await command.stderr.value((line) => line === 'rxscgi: all workers have been replaced');
    while (before.includes(load.answers.at(-1)!)) await load.more(10);
    await load.stop();
    expect(load.failures).toEqual([]);
  });
});
