/** The portable entries in a browser: the marble specs of the engine, and the cases of the runtimes over the built package. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { describeInBrowser } from '../helpers/browser/browser.js';
import { ROOT, requireBuild } from '../helpers/command/build.js';
import { cleanUpSockets, listening, temporaryFolder } from '../helpers/sockets/sockets.js';

const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="module" src="expect.js"></script>
<script type="module" src="suite.js"></script>`;

const LEAST_CASES = 1000;

const FOLDERS = ['core', 'operators', 'adapters', 'testing'].map((name) => join(ROOT, 'spec', name));
const BOUND = /from '(?:node:|fast-check)|\bBuffer\b|\bprocess\b|\bjest\b|\b__dirname\b|\bglobal\.gc\b/;
const IMPORT = /from '(\.[^']*)\.js'/g;

interface Outcome {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly error: string }[];
}

cleanUpSockets();

/** Serves the bundled suite. @returns its URL. */
async function serveSuite(): Promise<string> {
  const folder = temporaryFolder();
  const bundle = join(__dirname, 'suite/bundle.mjs');
  execFileSync(process.execPath, [bundle, folder, ...portableSpecs()], { encoding: 'utf8' });
  const server = createServer(({ url = '/' }, response) => {
    if (url === '/') response.setHeader('Content-Type', 'text/html').end(PAGE);
    else response.setHeader('Content-Type', 'text/javascript').end(readFileSync(join(folder, url)));
  });
  return `http://${await listening(server)}/`;
}

describeInBrowser('the portable entries', (openPage) => {
  beforeAll(requireBuild);

  it('should pass their specs in a browser', async () => {
    const page = await openPage(await serveSuite());
    const ran = await page.waitForFunction(() => (globalThis as { outcome?: Outcome }).outcome, undefined);
    const { passed, failed } = (await ran.jsonValue()) as Outcome;
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(LEAST_CASES);
  });
});

/** The paths of the specs that run in a browser: those that need nothing of Node.js or Jest beyond `describe`, `it` and `expect`. */
function portableSpecs(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.spec.ts'))
      .map((name) => join(folder, name)),
  ).filter((path) => isPortable(path, new Set()));
}

/** Whether a file, and each of spec/ that it imports, can run anywhere. */
function isPortable(path: string, seen: Set<string>): boolean {
  if (seen.has(path) || path.startsWith(join(ROOT, 'lib'))) return true;
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  if (BOUND.test(text)) return false;
  return [...text.matchAll(IMPORT)].every(([, name = '']) =>
    isPortable(`${join(dirname(path), name)}.ts`, seen),
  );
}
