/** `rxscgi dev` in a browser: the page of `npm start`, and the page about an application that fails. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeInBrowser, type Page } from '../helpers/browser/browser.js';
import { ROOT } from '../helpers/command/build.js';
import { Command, useBuiltCommand } from '../helpers/command/command.js';
import { editedApplication, setText } from '../helpers/command/edited-application.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';

const HELLO = join(ROOT, 'examples/hello/handler.mjs');
const MIB = 1024 * 1024;

const APP = `import { text } from './lib/text.mjs';
export default ({ path }) => {
  if (path === '/crash') { setTimeout(() => { throw new TypeError('<i>crashed</i>'); }); return new Promise(() => {}); }
  return { headers: { 'Content-Type': 'text/html' }, body: \`<p id="text">\${text}</p>\` };
};`;

useBuiltCommand();
cleanUpSockets();

/** Waits until an element has a text that fits. */
async function textOf(page: Page, id: string, pattern: RegExp): Promise<string> {
  const found = await page.waitForFunction(
    ([name, source]) => {
      const text = document.getElementById(name as string)?.textContent ?? '';
      return new RegExp(source as string).test(text) ? text : '';
    },
    [id, pattern.source],
  );
  return found.jsonValue();
}

describeInBrowser('the page of npm start', (openPage) => {
  let url: string;

  beforeEach(async () => {
    url = await new Command(['dev', HELLO, '--port', '0', '--log', 'off']).url();
  });

  it('should show the variables of its request', async () => {
    const page = await openPage(`${url}?%3Cb%3E`);
    const table = await page.innerText('table');
    expect(table).toMatch(/REQUEST_METHOD\s+GET/);
    expect(table).toMatch(/QUERY_STRING\s+%3Cb%3E/);
    expect(table).toMatch(/HTTP_USER_AGENT\s+Mozilla\/5\.0/);
    expect(table).toMatch(/SERVER_PORT\s+\d+/);
  });

  it('should receive events, and count the pages that are open', async () => {
    const page = await openPage(url);
    const first = await textOf(page, 'clock', /^\d\d:\d\d:\d\d$/);
    await textOf(page, 'viewers', /^1$/);
    const other = await openPage(url);
    await textOf(page, 'viewers', /^2$/);
    await other.close();
    await textOf(page, 'viewers', /^1$/);
    expect(await textOf(page, 'clock', new RegExp(`^(?!${first})\\d\\d:\\d\\d:\\d\\d$`))).not.toBe(first);
  });

  it('should upload a file, and show its progress', async () => {
    const page = await openPage(url);
    const session = await page.context().newCDPSession(page);
    const limitUpload = (uploadThroughput: number) => {
      const unlimited = { offline: false, latency: 0, downloadThroughput: -1 };
      return session.send('Network.emulateNetworkConditions', { ...unlimited, uploadThroughput });
    };
    await session.send('Network.enable', {});
    // Slow enough to be seen, and fast once it has been.
    await limitUpload(MIB / 2);
    await page.setInputFiles('#file', {
      name: 'large.bin',
      mimeType: '',
      buffer: Buffer.alloc(4 * MIB, 'x'),
    });
    await page.click('#upload button');
    const progress = await textOf(page, 'count', /^[1-9][0-9,]* bytes of 4,194,304 bytes$/);
    await limitUpload(-1);
    expect(await textOf(page, 'count', /^4,194,304 bytes in [0-9,]+ ms$/)).toBeTruthy();
    expect(progress).not.toMatch(/^4,194,304/);
  });
});

describeInBrowser('the page about an application that fails', (openPage) => {
  let cwd: string;

  beforeEach(() => {
    cwd = editedApplication(APP);
  });

  it('should show the error, and make way for the application after the next change', async () => {
    const command = new Command(['dev', 'app.mjs', '--port', '0'], { cwd });
    const url = await command.url();
    const page = await openPage(url);
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    await textOf(page, 'text', /^one$/);

    setText(cwd, '<b>;');
    await command.stderr.value((line) => line.includes('app.mjs failed to load'));
    await page.reload();
    expect(await page.innerText('main')).toMatch(
      /^The application does not run\n+app\.mjs failed to load: SyntaxError: /,
    );

    setText(cwd, "'two'");
    await textOf(page, 'text', /^two$/);

    const crashed = await openPage(`${url}crash`);
    expect(await crashed.innerText('pre')).toMatch(/^TypeError: <i>crashed<\/i>\n {4}at .*app\.mjs:3:\d+/);
    writeFileSync(
      join(cwd, 'app.mjs'),
      `export default () => ({ headers: { 'Content-Type': 'text/html' }, body: '<p id="text">four</p>' });`,
    );
    await textOf(crashed, 'text', /^four$/);
    expect(errors).toEqual([]);
  });
});

describeInBrowser('the live view of an application', (openPage) => {
  it('should lead from a failing request to its cause, and go on after a restart', async () => {
    const failing = `export default () => { throw new TypeError('no lines in this order'); };`;
    const cwd = editedApplication(failing);
    const command = new Command(['dev', 'app.mjs', '--port', '0', '--inspect=0'], { cwd });
    const url = await command.url();
    const line = await command.stderr.value((each) => each.includes('live view'));
    const page = await openPage(/http:\S+/.exec(line)![0]);
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    await textOf(page, 'state', /^live$/);

    expect((await fetch(`${url}orders/17`)).status).toBe(500);
    await page.click('.group.failed .head');
    // The details are drawn in the next frame.
    await page.waitForFunction(
      (title) => document.querySelector('.details-title')?.textContent === title,
      'GET /orders/17',
    );
    expect(await page.innerText('.section-errors')).toMatch(
      /TypeError\s+no lines in this order\s+app\.mjs:1:\d+\s+handler, after/,
    );

    writeFileSync(join(cwd, 'app.mjs'), `export default () => ({ body: 'mended' });`);
    await page.waitForFunction(
      (mark) => [...document.querySelectorAll('.tick-label')].some((each) => each.textContent.includes(mark)),
      'restarted',
    );
    expect(await (await fetch(`${url}orders/17`)).text()).toBe('mended');
    await page.waitForSelector('.status-2');
    await textOf(page, 'count', /^2 of 2/);
    expect(errors).toEqual([]);
  });
});
