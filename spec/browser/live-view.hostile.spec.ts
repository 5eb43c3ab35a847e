/** The page of the live view, given more than it can show, and text that nobody should trust. */
import { describeLiveView, snapshotOf, text } from '../helpers/live-view/describe-live-view.js';
import * as recorded from '../helpers/live-view/recorded-events.js';

const { eventsOf, variablesOf } = recorded;
const HOSTILE = `/<script>globalThis.hacked=1</script><img src=x onerror="globalThis.hacked=1">\u202e\0\u009b`;

describeLiveView('the live view with hostile exchanges', (view) => {
  it('should stay itself whatever a peer sends', async () => {
    const variables = variablesOf('<b>\u202e', HOSTILE + 'x'.repeat(60_000), 0, [
      [`HTTP_${HOSTILE}`, HOSTILE.repeat(500)],
      ['__proto__', 'x'],
    ]);
    const failure = { type: 'error', where: 'handler', code: HOSTILE, message: HOSTILE } as const;
    const headers: [string, string][] = [['X-<i>', HOSTILE]];
    view.server.snapshot = snapshotOf(
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
    const page = await view.open();
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
    const page = await view.open();
    const size = () => page.evaluate(() => document.querySelectorAll('*').length);
    for (let i = 0; i < 2000; i += 100) {
      view.server.send(
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
    const page = await view.open();
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
        view.server.send(Array.from({ length: 250 }, (_, j) => hostile(i + j + 1)).flat());
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
});
