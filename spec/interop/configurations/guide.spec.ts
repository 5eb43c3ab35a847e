/** Runs the first program of docs/guide behind the nginx configurations of its second page. */
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, share } from 'rxjs';
import { serveScgi, type ServeOptions } from '../../../lib/node/index.js';
import { describeWith } from '../../helpers/describe-with.js';
import { blocksOf, handlerOf } from '../../helpers/docs/guide.js';
import { call, firstLine, openCall } from '../../helpers/peers/clients/http-client.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import { SitesOfPage } from '../../helpers/peers/web-servers/sites-of-page.js';
import { afterwards, cleanUpSockets } from '../../helpers/sockets/sockets.js';

const PAGE = 'docs/guide/2-behind-nginx.md';
const page = new SitesOfPage(PAGE, nginx);
/** nginx's workers are www-data where the specs run as root, and this user elsewhere. */
const isRoot = process.getuid?.() === 0;
const WWW_DATA = Number(/^www-data:[^:]*:(\d+)/m.exec(readFileSync('/etc/group', 'utf8'))?.[1]);

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

cleanUpSockets();

/** Serves the program as the page's command does. @returns the URL of nginx. */
async function start(heading: string, options: Omit<ServeOptions, 'until'>): Promise<string> {
  const program = blocksOf('docs/guide/1-first-handler.md', 'js')[2]!;
  const handler = handlerOf(program, { console: { log: () => undefined } });
  const events = serveScgi(handler, { ...options, lenientContentLength: true }).pipe(share());
  const listening = firstValueFrom(events.pipe(filter((event) => event.type === 'listening')));
  const serving = events.subscribe();
  afterwards(() => serving.unsubscribe());
  const { address } = await listening;
  const gateway = await page.peerUnder(heading).start({ target: address });
  stopping.push(() => gateway.stop());
  return gateway.url;
}

async function expectToStream(url: string): Promise<void> {
  expect(await call(`${url}/`)).toMatchObject({ status: 200, text: 'Hello, 127.0.0.1\n' });
  const clock = openCall(`${url}/clock`);
  expect(await firstLine(await clock.response)).toBe('tick 0');
  clock.abandon();
  const upload = await call(`${url}/count`, { method: 'PUT', upload: 5_000_000 });
  expect(upload).toMatchObject({ text: '5000000 bytes\n' });
}

describeWith(['nginx'], PAGE, () => {
  it('should stream over TCP', async () => {
    await expectToStream(await start('Configure nginx', { listen: '127.0.0.1:0' }));
  });

  it("should stream over a Unix socket in a folder of nginx's group, and need the mode that it gives", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
    afterwards(() => rmSync(folder, { recursive: true }));
    if (isRoot) chownSync(folder, 0, WWW_DATA);
    chmodSync(folder, 0o2750);
    const file = join(folder, 'app.sock');
    const url = await start('Use a Unix socket', { listen: `unix:${file}`, socketMode: 0o660 });
    await expectToStream(url);
    if (!isRoot) return;
    expect(statSync(file).gid).toBe(WWW_DATA);
    chmodSync(file, 0o600);
    expect(await call(`${url}/`)).toMatchObject({ status: 502 });
  });

  it('should have no other configuration', () => {
    page.peerUnder('Configure nginx');
    page.peerUnder('Use a Unix socket');
    expect(page.unused).toEqual([]);
  });
});
