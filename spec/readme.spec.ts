/** Runs the programs of the README. Its nginx configuration is run by spec/interop/readme.spec.ts. */
import { join } from 'node:path';
import * as rxjs from 'rxjs';
import type { ScgiHandler } from '../lib/index.js';
import * as rxscgi from '../lib/index.js';
import * as node from '../lib/node/index.js';
import * as testing from '../lib/testing/index.js';
import { expectNoProcessFaults } from './helpers/process-faults.js';
import { readPage, runSnippet, snippetsOf, type Snippet } from './helpers/snippets.js';
import { TestGateway, afterwards, cleanUpSockets, temporaryFolder } from './helpers/sockets.js';

const page = readPage('README.md');
const snippets = snippetsOf(page);
const code = snippets.filter(({ language }) => language === 'ts');

/** Returns the one snippet that contains `text`. */
function snippetWith(text: string): Snippet {
  const found = code.filter((snippet) => snippet.code.includes(text));
  expect(found).toHaveLength(1);
  return found[0] as Snippet;
}

const modules = { rxjs, rxscgi };

/** `rxscgi/node` on free addresses, until the end of the test; `bound` is called with each address. */
function nodeOn(bound: (address: string) => void): Record<string, unknown> {
  const folder = temporaryFolder();
  const ended = new rxjs.Subject<void>();
  afterwards(() => ended.next());
  const free = (address: string): string =>
    address.startsWith('unix:') ? `unix:${join(folder, 'app.sock')}` : '127.0.0.1:0';
  return {
    ...node,
    serveScgi: (handler: ScgiHandler, { listen, ...options }: node.ServeOptions) =>
      node.serveScgi(handler, { ...options, listen: [listen].flat().map(free) }).pipe(
        rxjs.tap((event) => {
          if (event.type === 'listening') bound(event.address);
        }),
        rxjs.takeUntil(ended),
      ),
    listen: (address: string) =>
      node.listen(free(address), { onListening: bound }).pipe(rxjs.takeUntil(ended)),
  };
}

/** Runs a snippet that serves. @returns its first address, and what it logs. */
async function serve(text: string): Promise<{ address: string; logged: unknown[] }> {
  const logged: unknown[] = [];
  const log = (...values: unknown[]): void => {
    logged.push(values.length === 1 ? values[0] : values);
  };
  const address = await new Promise<string>((bound) => {
    runSnippet(
      snippetWith(text),
      { ...modules, 'rxscgi/node': nodeOn(bound) },
      { console: { log, error: log } },
    );
  });
  return { address, logged };
}

async function get(address: string, uri: string): Promise<string> {
  const gateway = await TestGateway.connect(address);
  gateway.write(testing.requestBytes({ uri }));
  const { body } = testing.responseOf(Buffer.from(await gateway.response(), 'latin1'));
  gateway.end();
  return testing.textOf(body);
}

expectNoProcessFaults();
cleanUpSockets();

describe('README.md', () => {
  it('should have at most 150 lines', () => {
    expect(page.split('\n').length - 1).toBeLessThanOrEqual(150);
  });

  it('should show programs, a configuration and commands', () => {
    expect(snippets.map(({ language }) => language)).toEqual(['ts', 'nginx', 'ts', 'sh', 'sh', 'ts']);
  });

  it('should have a program that serves, and logs its events', async () => {
    const { address, logged } = await serve("case '/events'");
    expect(await get(address, '/nowhere')).toBe('Not found\n');
    expect(logged).toEqual(['listening', 'request', 'response']);
  });

  it('should have a program that serves a Unix socket', async () => {
    const { address } = await serve('socketGroup');
    expect(address).toMatch(/^unix:/);
    expect(await get(address, '/')).toBe('Hello\n');
  });

  it('should have a pipeline that serves, and goes on after an error', async () => {
    const { address, logged } = await serve('decodeScgi');
    expect(await get(address, '/you')).toBe('Hello, /you\n');
    expect(logged).toEqual([]);
    const broken = await TestGateway.connect(address);
    broken.write('x');
    expect(await broken.ending()).toBe('ECONNRESET');
    expect(logged).toEqual([expect.objectContaining({ code: 'ERR_SCGI_NETSTRING_LENGTH' })]);
    expect(await get(address, '/still')).toBe('Hello, /still\n');
  });

  it('should show commands that exist', () => {
    const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
    const commands = snippets.filter(({ language }) => language === 'sh').map(({ code: text }) => text);
    expect(commands[0]).toBe('npm ci && npm start\nnpm ci && npm test\n');
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test']));
    expect(scripts['start']).toContain('examples/hello');
    const flags = readPage('lib/cli/flags.ts');
    for (const [, flag] of commands.join('').matchAll(/ --([a-z-]+)/g))
      expect(flags).toContain(`name: '${flag}'`);
  });
});
