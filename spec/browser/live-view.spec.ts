/** The page of the live view in a browser, fed with events as the server sends them. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { concat, firstValueFrom, map, NEVER, of, reduce, ReplaySubject, Subject, take } from 'rxjs';
import { pullMap, serverSentEvents, text as answerText, type ScgiHandler } from '../../lib/index.js';
import { serveScgi } from '../../lib/node/index.js';
import { requestBytes } from '../../lib/testing/index.js';
import { describeInBrowser, type Page } from '../helpers/browser/browser.js';
import { PageServer, type PageEvent } from '../helpers/live-view/page-server.js';
import * as recorded from '../helpers/live-view/recorded-events.js';
import { runMarbleTest } from '../helpers/live-view/run-marble-test.js';
import { afterwards, cleanUpSockets, temporaryFolder } from '../helpers/sockets/sockets.js';

const { eventsOf, variablesOf } = recorded;
const HOSTILE = `/<script>globalThis.hacked=1</script><img src=x onerror="globalThis.hacked=1">\u202e\0\u009b`;

cleanUpSockets();

describeInBrowser('the live view', (openPage) => {
  let server: PageServer;
  let url: string;
  let errors: Error[];

  beforeEach(async () => {
    server = new PageServer();
    url = await server.listen();
    errors = [];
  });
  afterEach(() => {
    server.close();
    expect(errors).toEqual([]);
  });

  async function open(): Promise<Page> {
    const page = await openPage(url);
    page.on('pageerror', (error) => errors.push(error));
    await text(page, '#state', /^live$/);
    return page;
  }

  /** Waits until one of the elements has a text that fits, and returns it. */
  async function text(page: Page, selector: string, pattern: RegExp): Promise<string> {
    const found = await page.waitForFunction(
      ([name, source]) =>
        [...document.querySelectorAll(name!)]
          .map((each) => each.textContent)
          .find((each) => new RegExp(source!).test(each)) ?? '',
      [selector, pattern.source],
    );
    return found.jsonValue();
  }

  const titles = (page: Page) =>
    page.evaluate(() => [...document.querySelectorAll('.title')].map((each) => each.textContent));

  it('should show a brake while it lasts, who left, and the code and offset of a fault', async () => {
    const page = await open();
    server.send(recorded.brakedUpload(1, 0).slice(0, 12));
    server.now(900);
    await text(page, '.label-cause', /^pullMap$/);
    await text(page, '.badge-brake', /^upload braked .* by pullMap$/);
    server.send([...recorded.eventStream(2, 1000, 4, 50), ...recorded.malformed(3, 1500)]);
    server.now(1600);
    await text(page, '.label-unsubscribe', /^unsubscribed$/);
    await text(page, '.badge-unsubscribe', /^client left$/);
    await text(page, '.label-error', /^ERR_SCGI_NETSTRING_LENGTH at byte 0$/);
    expect(await titles(page)).toEqual(['No request', 'GET /events', 'POST /upload']);
  });

  it('should show what a real server does, while it does it', async () => {
    const go = new Subject<void>();
    const handler: ScgiHandler = ({ path, body }) =>
      path === '/events'
        ? of(serverSentEvents(concat(of({ data: '1' }), NEVER)))
        : body.pipe(
            pullMap((chunk) =>
              go.pipe(
                take(1),
                map(() => chunk.length),
              ),
            ),
            reduce((sum, bytes) => sum + bytes, 0),
            map((bytes) => answerText(String(bytes))),
          );
    const address = join(temporaryFolder(), 's');
    const listening = new ReplaySubject<unknown>(1);
    const inspect = (event: PageEvent): void => server.send([event]);
    const served = serveScgi(handler, { listen: `unix:${address}`, inspect, onError: () => undefined });
    const subscription = served.subscribe(listening);
    afterwards(() => subscription.unsubscribe());
    await firstValueFrom(listening);
    const page = await open();

    // The handler waits until the page shows that it brakes.
    const upload = connect(address);
    upload.write(requestBytes({ method: 'POST', uri: '/upload', body: new Uint8Array(300_000) }));
    await text(page, '.badge-brake', /^upload braked .* by pullMap$/);
    await text(page, '.status', /^···$/);
    upload.on('data', () => undefined);
    const releases = setInterval(() => go.next(), 1);
    await text(page, '.status', /^200$/);
    clearInterval(releases);

    const events = connect(address);
    events.write(requestBytes({ uri: '/events' }));
    events.once('data', () => events.destroy());
    await text(page, '.label-unsubscribe', /^unsubscribed$/);
    const http = connect(address);
    http.resume().write('GET / HTTP/1.1\r\n\r\n');
    await text(page, '.label-error', /^ERR_SCGI_NETSTRING_LENGTH at byte 0$/);
  });

  it('should show what a click asks for, and a marble test that passes', async () => {
    server.snapshot = snapshotOf([recorded.brakedUpload(1, 0)], 4000);
    const page = await open();
    await page.click('.head');
    await text(page, '.section-brakes', /pullMap.*inputPaused.*180 ms/s);
    await text(page, '.section-variables', /REQUEST_URI.*\/upload/s);
    await text(page, '.section-response', /Response 200.*Content-Length/s);
    await text(page, '.section-chunks', /65,536 B/);
    expect(runMarbleTest(await text(page, '.code', /recorded/))).toEqual([
      'should answer 200 to POST /upload',
    ]);
  });

  it('should show where an error comes from, in the application', async () => {
    const events = recorded
      .failing(1, 0)
      .map((event) => (event.type === 'error' ? { ...event, place: 'lib/<i>db.mjs:3:9' } : event));
    server.snapshot = snapshotOf([events], 1000);
    const page = await open();
    await page.click('.head');
    expect(await text(page, '.error-place', /db/)).toBe('lib/<i>db.mjs:3:9');
  });

  it('should stay itself whatever a peer sends', async () => {
    const variables = variablesOf('<b>\u202e', HOSTILE + 'x'.repeat(60_000), 0, [
      [`HTTP_${HOSTILE}`, HOSTILE.repeat(500)],
      ['__proto__', 'x'],
    ]);
    const failure = { type: 'error', where: 'handler', code: HOSTILE, message: HOSTILE } as const;
    const headers: [string, string][] = [['X-<i>', HOSTILE]];
    server.snapshot = snapshotOf(
      [
        eventsOf(1, 0, [
          [0, { type: 'open' }],
          [1, { type: 'request', variables, contentLength: 0 }],
          [1, { type: 'input-paused', paused: true, causes: [HOSTILE as never] }],
          [2, { type: 'response', status: 200, by: 'handler', headers }],
          [2, { type: 'chunk', bytes: HOSTILE.length, text: '</pre><script>globalThis.hacked=1</script>' }],
          [3, failure],
          [3, { type: HOSTILE as never, state: 'x' } as never],
          [4, { type: 'close' }],
        ]),
      ],
      100,
    );
    const page = await open();
    await page.click('.head');
    const shown = await text(page, '.details', /<script>globalThis/);
    expect(shown).not.toMatch(/[\0\u009b\u202e]/);
    const found = await page.evaluate(() => [
      'hacked' in globalThis,
      document.documentElement.scrollWidth > globalThis.innerWidth,
    ]);
    expect(found).toEqual([false, false]);
    expect(await page.evaluate(() => document.querySelectorAll('script').length)).toBe(1);
    expect(await page.evaluate(() => document.querySelectorAll('img, #content i, #details i').length)).toBe(
      0,
    );
  });

  it('should keep the document and the memory bounded with 2,000 exchanges', async () => {
    const page = await open();
    const size = () => page.evaluate(() => document.querySelectorAll('*').length);
    for (let i = 0; i < 2000; i += 100) {
      server.send(
        Array.from({ length: 100 }, (_, j) =>
          recorded.quick(i + j + 1, (i + j) * 10, `/${i + j + 1}`),
        ).flat(),
      );
    }
    await text(page, '#count', /^500 of 500.*1,500 forgotten/);
    await text(page, '.title', /^GET \/2000$/);
    expect(await size()).toBeLessThan(1000);
    await page.evaluate(() => (document.getElementById('scroller')!.scrollTop = 182 * 300));
    await text(page, '.title', /^GET \/1700$/);
    expect(await size()).toBeLessThan(1000);
    await page.fill('[name=path]', '/1999');
    await text(page, '#count', /^1 of 500/);
    await page.fill('[name=path]', '');
    await page.selectOption('[name=status]', '5');
    await text(page, '#empty', /No exchange passes/);
  });

  it('should stay bounded, safe and usable on a phone after 10,000 hostile exchanges', async () => {
    const page = await open();
    await page.setViewportSize({ width: 375, height: 700 });
    await page.emulateMedia({ colorScheme: 'dark' });
    const session = await page.context().newCDPSession(page);
    const heapBytes = async (): Promise<number> => {
      await session.send('HeapProfiler.collectGarbage', {});
      return ((await session.send('Runtime.getHeapUsage', {})) as { usedSize: number }).usedSize;
    };
    const code = `${HOSTILE}\u2066`;
    const hostile = (connection: number) => {
      const variables = variablesOf('GET', `/${connection}${HOSTILE}`.padEnd(8192, 'x'), 0, [
        [`HTTP_${code}`, HOSTILE],
      ]);
      return eventsOf(connection, connection * 10, [
        [0, { type: 'open' }],
        [1, { type: 'request', variables, contentLength: 0 }],
        [1, { type: 'handler', state: 'called' }],
        [2, { type: 'output-paused', paused: true, causes: [HOSTILE as never] }],
        [3, { type: 'output-paused', paused: false, causes: [] }],
        [4, { type: 'error', where: 'handler', code, message: code.repeat(40) }],
        [5, { type: 'response', status: 500, by: 'error', headers: [['X-<i>\u202e', HOSTILE]] }],
        [6, { type: 'close' }],
      ]);
    };
    const sendTo = async (from: number, to: number): Promise<number> => {
      for (let i = from; i < to; i += 250)
        server.send(Array.from({ length: 250 }, (_, j) => hostile(i + j + 1)).flat());
      await text(page, '.title', new RegExp(`^GET /${to}/<script>`));
      return heapBytes();
    };
    const early = await sendTo(0, 1000);
    const late = await sendTo(1000, 10_000);
    expect(late).toBeLessThan(early * 1.25);
    expect(late).toBeLessThan(24e6);
    await text(page, '#count', /^500 of 500, 9,500 forgotten$/);
    await page.click('.head');
    await text(page, '.details', /Who braked whom/);
    const found = await page.evaluate(() => [
      'hacked' in globalThis,
      document.querySelectorAll('img, i').length,
      document.documentElement.scrollWidth > 375,
      document.getElementById('details')!.scrollWidth > 375,
      // Also in the drawings.
      /[\0\u009b\u202e\u2066]/.test(document.body.textContent),
      document.querySelectorAll('*').length < 1000,
    ]);
    expect(found).toEqual([false, 0, false, false, false, true]);
  });

  it('should be used by keyboard alone', async () => {
    server.snapshot = snapshotOf(
      [recorded.quick(1, 0, '/one'), recorded.failing(2, 100), recorded.quick(3, 900, '/three')],
      1000,
    );
    const page = await open();
    await text(page, '.title', /three/);
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
      );
    await page.keyboard.press('j');
    expect(await focused()).toMatch(/^GET \/three, status 200/);
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toMatch(/^GET \/report\?year=2026, status 500, .*TypeError/);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
    expect(outline).toBe('solid');
    await page.keyboard.press('Enter');
    await text(page, '.error-code', /^TypeError$/);
    expect(await focused()).toBe('GET /report?year=2026');
    await page.keyboard.press('Escape');
    expect(await focused()).toMatch(/^GET \/report/);
    expect(await page.evaluate(() => document.getElementById('details')!.hidden)).toBe(true);
    await page.keyboard.press('Tab');
    expect(await focused()).toMatch(/^GET \/one/);
    await page.keyboard.press(' ');
    await text(page, '.details-title', /^GET \/one$/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    expect(await focused()).toBe('Path');
    await page.keyboard.press('Escape');
    await page.keyboard.press('+');
    await text(page, '#axis-note', /^6.25 s$/);
    await page.keyboard.press('ArrowLeft');
    await text(page, '#toggle-label', /^Run$/);
    await page.keyboard.press(' ');
    await text(page, '#toggle-label', /^Stop$/);
    await page.keyboard.press('?');
    await text(page, 'dialog[open]', /Copy the chosen exchange as a marble test/);
    const unnamed = await page.evaluate(
      () =>
        [...document.querySelectorAll('button, input, select')].filter(
          (each) => !(each.textContent.trim() || each.getAttribute('aria-label')),
        ).length,
    );
    expect(unnamed).toBe(0);
  });

  it('should have no horizontal scroll on a phone, with and without details', async () => {
    server.snapshot = snapshotOf([recorded.brakedUpload(1, 0), recorded.failing(2, 100)], 4000);
    const page = await open();
    await page.setViewportSize({ width: 375, height: 700 });
    await text(page, '.title', /upload/);
    const isTooWide = () =>
      page.evaluate(
        () =>
          document.documentElement.scrollWidth > 375 ||
          document.getElementById('scroller')!.scrollWidth > 375,
      );
    expect(await isTooWide()).toBe(false);
    await page.click('[data-connection="1"] .head');
    await text(page, '.details-title', /upload/);
    expect(await isTooWide()).toBe(false);
    expect(await page.evaluate(() => document.getElementById('details')!.scrollWidth)).toBeLessThanOrEqual(
      375,
    );
  });

  it('should keep the keyboard in the details, where they cover the page of a phone', async () => {
    server.snapshot = snapshotOf([recorded.brakedUpload(1, 0), recorded.failing(2, 100)], 4000);
    const page = await open();
    await page.setViewportSize({ width: 375, height: 700 });
    await page.emulateMedia({ colorScheme: 'dark' });
    const focused = () =>
      page.evaluate(() => {
        const { activeElement: element } = document;
        return `${element?.closest('#details') ? 'details' : 'page'}: ${element?.className || element?.tagName}`;
      });
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await text(page, '.details-title', /report/);
    const places = [];
    for (let i = 0; i < 5; i++) {
      await page.keyboard.press('Tab');
      places.push(await focused());
    }
    // After the last one comes the browser itself.
    expect(places.slice(0, 3)).toEqual(['details: primary', 'details: BUTTON', 'details: code']);
    expect(places.slice(3).filter((place) => !/^details|has-details$/.test(place))).toEqual([]);
    await page.keyboard.press('/');
    expect(await focused()).toBe('page: INPUT');
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('page: head');
    expect(await page.evaluate(() => document.querySelectorAll('[inert]').length)).toBe(0);
    await page.keyboard.press('Enter');
    // The window of a tablet that is turned.
    await page.setViewportSize({ width: 1000, height: 700 });
    await page.waitForFunction(() => document.querySelectorAll('[inert]').length === 0, undefined);
  });

  it('should leave the arrows and the focus to the marble test, while events come in', async () => {
    server.snapshot = snapshotOf(
      [recorded.brakedUpload(1, 0).slice(0, 12), recorded.quick(2, 50, '/other')],
      900,
    );
    const page = await open();
    await page.click('[data-connection="1"] .head');
    await text(page, '.details-title', /upload/);
    await page.evaluate(() => document.querySelector<HTMLElement>('.code')!.focus());
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('.code')!.scrollTop > 0, undefined);
    const before = await page.evaluate(() => {
      const code = document.querySelector('.code')!;
      code.classList.add('old');
      return code.scrollTop;
    });
    server.send(recorded.brakedUpload(1, 0).slice(12, 30));
    await page.waitForFunction(() => !document.querySelector('.old'), undefined);
    const after = await page.evaluate(() => [
      document.activeElement?.className,
      document.querySelector('.code')!.scrollTop > 0,
    ]);
    expect(before).toBeGreaterThan(0);
    expect(after).toEqual(['code', true]);
    expect(await page.innerText('.details-title')).toBe('POST /upload');
    expect(await page.innerText('#toggle-label')).toBe('Stop');
  });

  it('should close the details of what the server has forgotten', async () => {
    server.snapshot = snapshotOf([recorded.quick(1, 0, '/before')], 100);
    const page = await open();
    await page.setViewportSize({ width: 375, height: 700 });
    await page.click('.head');
    server.snapshot = snapshotOf([recorded.quick(2, 200, '/after')], 300);
    server.hangUp();
    await text(page, '.title', /after/);
    expect(
      await page.evaluate(() => [
        document.getElementById('details')!.hidden,
        document.querySelectorAll('[inert]').length,
      ]),
    ).toEqual([true, 0]);
  });

  it('should connect again, and show what the server has then', async () => {
    server.snapshot = snapshotOf([recorded.quick(1, 0, '/before')], 100);
    const page = await open();
    await text(page, '.title', /before/);
    server.snapshot = snapshotOf([recorded.quick(1, 0, '/before'), recorded.quick(2, 200, '/after')], 300);
    server.hangUp();
    await text(page, '.title', /after/);
    await text(page, '#state', /^live$/);
    expect(await titles(page)).toEqual(['GET /after', 'GET /before']);
    server.send([{ type: 'restart', connection: 0, at: 310 }, ...recorded.quick(3, 320, '/restarted')]);
    server.now(400);
    await text(page, '.tick-label', /restarted$/);
    await text(page, '.title', /restarted/);
  });
});

function snapshotOf(exchanges: ReturnType<typeof eventsOf>[], nowMs: number): object {
  return {
    version: 1,
    originMs: 1_790_000_000_000,
    nowMs,
    restarts: [],
    exchanges: exchanges.map((events) => ({
      connection: events[0]!.connection,
      events,
      dropped: { events: 0, bytes: 0 },
    })),
  };
}
