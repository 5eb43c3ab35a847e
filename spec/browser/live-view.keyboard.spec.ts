/** The page of the live view by keyboard alone, and on a phone. */
import { describeLiveView, snapshotOf, text } from '../helpers/live-view/describe-live-view.js';
import * as recorded from '../helpers/live-view/recorded-events.js';

describeLiveView('the live view by keyboard and on a phone', (view) => {
  it('should be used by keyboard alone', async () => {
    view.server.snapshot = snapshotOf(
      [recorded.quick(1, 0, '/one'), recorded.failing(2, 100), recorded.quick(3, 900, '/three')],
      1000,
    );
    const page = await view.open();
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
    view.server.snapshot = snapshotOf([recorded.brakedUpload(1, 0), recorded.failing(2, 100)], 4000);
    const page = await view.open();
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
    view.server.snapshot = snapshotOf([recorded.brakedUpload(1, 0), recorded.failing(2, 100)], 4000);
    const page = await view.open();
    await text(page, '.title', /report/);
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
    view.server.snapshot = snapshotOf(
      [recorded.brakedUpload(1, 0).slice(0, 12), recorded.quick(2, 50, '/other')],
      900,
    );
    const page = await view.open();
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
    view.server.send(recorded.brakedUpload(1, 0).slice(12, 30));
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
});
