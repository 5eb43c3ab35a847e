/** Describes the page of the live view in a browser, fed with events as the server sends them. */
import type { InspectEvent } from '../../../lib/server/inspect/inspect-event.js';
import { describeInBrowser, type Page } from '../browser/browser.js';
import { PageServer } from './page-server.js';

/** What each case has: a server of its own, and `open`, which opens its page. */
export interface LiveView {
  readonly server: PageServer;
  open(): Promise<Page>;
}

/** No case may leave an exception in its page. */
export function describeLiveView(title: string, specs: (view: LiveView) => void): void {
  describeInBrowser(title, (openPage) => {
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

    specs({
      get server() {
        return server;
      },
      async open() {
        const page = await openPage(url);
        page.on('pageerror', (error) => errors.push(error));
        await text(page, '#state', /^live$/);
        return page;
      },
    });
  });
}

/** Waits until one of the elements has a text that fits, and returns it. */
export async function text(page: Page, selector: string, pattern: RegExp): Promise<string> {
  const found = await page.waitForFunction(
    ([name, source]) =>
      [...document.querySelectorAll(name!)]
        .map((each) => each.textContent)
        .find((each) => new RegExp(source!).test(each)) ?? '',
    [selector, pattern.source],
  );
  return found.jsonValue();
}

export function titlesOf(page: Page): Promise<string[]> {
  return page.evaluate(() => [...document.querySelectorAll('.title')].map((each) => each.textContent));
}

/** What a page gets first. */
export function snapshotOf(exchanges: (readonly InspectEvent[])[], nowMs: number): object {
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
