/** The page of examples/rtorrent in a browser, with a real rTorrent behind it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, mergeMap } from 'rxjs';
import { scgiRequest } from '../../lib/node/index.js';
import type { Application } from '../helpers/applications/application.js';
import { makeTorrent, startRtorrent } from '../helpers/applications/rtorrent.js';
import { methodCall, valuesOf } from '../helpers/applications/xml-rpc.js';
import { describeInBrowser } from '../helpers/browser/browser.js';
import { ROOT } from '../helpers/command/build.js';
import { Command, useBuiltCommand } from '../helpers/command/command.js';
import { describeWith } from '../helpers/describe-with.js';
import { textOf } from '../helpers/sockets/outgoing/call-application.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';

const EXAMPLE = join(ROOT, 'examples/rtorrent');
const isInstalled = existsSync(join(EXAMPLE, 'node_modules/@foxglove/xmlrpc'));
/** rTorrent takes no slash in it. */
const NAME = '<b>a download<b>';

useBuiltCommand();
cleanUpSockets();

describeWith([isInstalled ? 'rtorrent' : 'npm ci --prefix examples/rtorrent'], 'examples/rtorrent', () => {
  describeInBrowser('in a browser', (openPage) => {
    let rtorrent: Application;

    beforeAll(async () => {
      rtorrent = await startRtorrent('Unix');
      await ask('load.raw', '', makeTorrent(NAME));
    });
    afterAll(() => rtorrent.stop());

    async function ask(method: string, ...params: (string | Buffer)[]): Promise<string[]> {
      const headers = { 'Content-Type': 'text/xml' };
      const body = methodCall(method, ...params);
      const response = scgiRequest(rtorrent.target, { method: 'POST', uri: '/RPC2', headers, body });
      return valuesOf(await firstValueFrom(response.pipe(mergeMap(textOf))));
    }

    it('should list a download, and start it at a click', async () => {
      const env = { RTORRENT: rtorrent.target };
      const url = await new Command(['dev', 'handler.mjs', '--port', '0'], { cwd: EXAMPLE, env }).url();
      const page = await openPage(url);
      const row = '#downloads tr[data-hash]';
      await page.waitForSelector(row);
      expect(await page.innerText(`${row} :first-child`)).toBe(NAME);
      expect(await page.innerText(`${row} button`)).toBe('Start');

      await page.click(`${row} button`);
      await page.waitForFunction(
        (selector) => document.querySelector(selector)?.textContent === 'Stop',
        `${row} button`,
      );
      expect(await ask('d.multicall2', '', 'main', 'd.state=')).toEqual(['1']);
    });
  });
});
