/**
 * Takes the pictures of the live view for the README: a real server, real requests, and the page in chromium at 2x, light and dark.
 *
 *     npm run build && npm ci --prefix spec/browser && node scripts/live-view-picture.mjs
 *
 * Writes docs/images/live-view-light.png and live-view-dark.png.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { interval, map, mergeMap, of, reduce, throwError, timer } from 'rxjs';
import { json, pullMap, serverSentEvents } from '../dist/esm/index.js';
import { scgiRequest, serveScgi } from '../dist/esm/node/index.js';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'lib/cli/inspect/page');
const IMAGES = join(ROOT, 'docs/images');
const MAX_BYTES = 250_000;
const VIEWPORT = { width: 1280, height: 812 };
const SOCKET = join(process.env.TMPDIR ?? '/tmp', `rxscgi-picture-${process.pid}.sock`);
const ADDRESS = `unix:${SOCKET}`;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** What the pictures show. */
function handler({ path, body }) {
  switch (path) {
    case '/upload':
      return body.pipe(
        pullMap((chunk) => timer(180).pipe(map(() => chunk.length))),
        reduce((sum, bytes) => sum + bytes, 0),
        map((bytes) => json({ bytes })),
      );
    case '/report':
      return timer(240).pipe(mergeMap(() => throwError(() => new TypeError('rows is not iterable'))));
    default:
      return of(
        serverSentEvents(interval(path === '/prices' ? 320 : 450).pipe(map((n) => ({ data: `${n}` })))),
      );
  }
}

const read = (init) => scgiRequest(ADDRESS, init).pipe(mergeMap(({ body }) => body));
const events = [];
const server = serveScgi(handler, {
  listen: ADDRESS,
  inspect: (event) => events.push(event),
  onError: () => {},
}).subscribe();
await seconds(0.3);
const stopped = [
  read({ uri: '/report' }).subscribe({ error: () => {} }),
  timer(500)
    .pipe(mergeMap(() => read({ uri: '/prices' })))
    .subscribe(),
  timer(1200).pipe(mergeMap(upload)).subscribe(),
  timer(1900)
    .pipe(mergeMap(() => read({ uri: '/events' })))
    .subscribe(),
];
// The client of the prices leaves.
setTimeout(() => stopped[1].unsubscribe(), 3900);
await seconds(5.2);
const shown = [...events];
await takePictures();
for (const each of [...stopped, server]) each.unsubscribe();

function upload() {
  return read({ method: 'POST', uri: '/upload', body: new Uint8Array(14 * 65_536) });
}

async function takePictures() {
  const page = createServer(servePage);
  await new Promise((resolve) => page.listen(0, '127.0.0.1', resolve));
  const { chromium } = createRequire(join(ROOT, 'spec/browser/package.json'))('playwright-core');
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  mkdirSync(IMAGES, { recursive: true });
  try {
    for (const colorScheme of ['light', 'dark']) {
      const tab = await browser.newPage({ colorScheme, viewport: VIEWPORT, deviceScaleFactor: 2 });
      await tab.goto(`http://127.0.0.1:${page.address().port}/`);
      await tab.waitForSelector('.group');
      await tab.keyboard.press('Space');
      await tab.keyboard.press('+');
      await tab.waitForSelector('#toggle[aria-pressed=true]');
      const path = join(IMAGES, `live-view-${colorScheme}.png`);
      await tab.screenshot({ path });
      const { size } = statSync(path);
      console.log(`${path}: ${size} bytes`);
      if (size > MAX_BYTES) throw new RangeError(`${path} has more than ${MAX_BYTES} bytes`);
    }
  } finally {
    await browser.close();
    page.close();
    page.closeAllConnections();
  }
}

/** The page, and as its events a snapshot of what has happened. */
function servePage({ url }, response) {
  if (url !== '/events') {
    const name = url === '/' ? '/index.html' : url;
    response.writeHead(200, { 'Content-Type': TYPES[extname(name)] });
    response.end(readFileSync(join(PAGE, name)));
    return;
  }
  const connections = [...new Set(shown.map(({ connection }) => connection))];
  const exchanges = connections.map((connection) => ({
    connection,
    events: shown.filter((event) => event.connection === connection),
  }));
  const nowMs = shown.at(-1).at + 100;
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(
    `event: snapshot\ndata: ${JSON.stringify({ originMs: Date.now() - nowMs, nowMs, exchanges })}\n\n`,
  );
}

function seconds(count) {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}
