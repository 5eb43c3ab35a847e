/** A browser for specs: Debian's chromium, driven by the package below spec/browser. */
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../command/build.js';
import { findExecutable } from '../peers/find-executable.js';

const FOLDER = join(ROOT, 'spec/browser');
const INSTALL = 'npm ci --prefix spec/browser';

/** As much of playwright-core's types as the specs use: the package may be missing. */
export interface Page {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  close(): Promise<void>;
  setDefaultTimeout(ms: number): void;
  title(): Promise<string>;
  content(): Promise<string>;
  /** Waits until the function returns something true in the page, and gives that. */
  waitForFunction<A, R>(test: (argument: A) => R, argument: A): Promise<{ jsonValue(): Promise<R> }>;
  evaluate<R>(run: () => R): Promise<R>;
  innerText(selector: string): Promise<string>;
  waitForSelector(selector: string): Promise<unknown>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  selectOption(selector: string, value: string): Promise<unknown>;
  emulateMedia(media: { readonly colorScheme: 'light' | 'dark' }): Promise<void>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  readonly keyboard: { press(key: string): Promise<void> };
  setInputFiles(selector: string, file: { name: string; mimeType: string; buffer: Buffer }): Promise<void>;
  context(): {
    grantPermissions(permissions: readonly string[], options: { readonly origin: string }): Promise<void>;
    newCDPSession(page: Page): Promise<{ send(method: string, parameters: object): Promise<unknown> }>;
  };
  on(event: 'pageerror', listener: (error: Error) => void): void;
}

interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

/** No services of its own, and nothing of the machine's graphics. */
const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** As for all specs, only for one that waits in vain: less than Jest's, so that it can say for what. */
const TIMEOUT_MS = 50_000;

/** Opens pages. */
export type OpenPage = (url: string) => Promise<Page>;

/**
 * Describes what needs a browser. Each case has pages of its own, in one browser, whose profile is temporary.
 *
 * Where it is missing, the specs are skipped by name, unless RXSCGI_PEERS=required says that it must be there.
 */
export function describeInBrowser(title: string, specs: (openPage: OpenPage) => void): void {
  const executablePath = findExecutable('chromium');
  const missing = [
    ...(executablePath === undefined ? ['chromium is not installed'] : []),
    ...(existsSync(join(FOLDER, 'node_modules/playwright-core'))
      ? []
      : [`playwright-core is not: ${INSTALL}`]),
  ].join(', ');
  if (missing !== '') {
    if (process.env.RXSCGI_PEERS === 'required') {
      it(`${title}: should find a browser`, () => {
        throw new Error(`${missing}, and RXSCGI_PEERS=required says that it must be`);
      });
      return;
    }
    process.stderr.write(`skipped, since ${missing}: ${title}\n`);
    describe.skip(`${title} (${missing})`, () => specs(() => Promise.reject(new Error(missing))));
    return;
  }
  describe(title, () => {
    let browser: Browser;
    let pages: Page[] = [];

    beforeAll(async () => {
      const { chromium } = createRequire(join(FOLDER, 'package.json'))('playwright-core') as Playwright;
      browser = await chromium.launch({ executablePath, args: ARGUMENTS });
    });
    afterEach(async () => {
      await Promise.all(pages.map((page) => page.close()));
      pages = [];
    });
    afterAll(() => browser.close());

    specs(async (url) => {
      const page = await browser.newPage();
      pages.push(page);
      page.setDefaultTimeout(TIMEOUT_MS);
      await page.goto(url);
      return page;
    });
  });
}
