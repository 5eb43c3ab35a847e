/** Holds the README to what it says: its code is type-checked and run, its configurations are compared. */
import { join } from 'node:path';
import * as rxjs from 'rxjs';
import * as rxjsTesting from 'rxjs/testing';
import type { ScgiHandler } from '../lib/index.js';
import * as rxscgi from '../lib/index.js';
import * as node from '../lib/node/index.js';
import * as testing from '../lib/testing/index.js';
import { notificationsOf, shown } from './helpers/calls.js';
import { marbles } from './helpers/marbles.js';
import { expectNoProcessFaults } from './helpers/process-faults.js';
import { readPage, runSnippet, snippetsOf, type Snippet } from './helpers/snippets.js';
import { TestGateway, afterwards, cleanUpSockets, temporaryFolder } from './helpers/sockets.js';

const page = readPage('README.md');
const snippets = snippetsOf(page);
const code = snippets.filter(({ language }) => language === 'ts');

/** The one snippet that has `text`. */
function snippetWith(text: string): Snippet {
  const found = code.filter((snippet) => snippet.code.includes(text));
  expect(found).toHaveLength(1);
  return found[0] as Snippet;
}

const modules = { rxjs, 'rxjs/testing': rxjsTesting, rxscgi, 'rxscgi/testing': testing };

/** `rxscgi/node` on addresses that are free, and only until the end of the test; `bound` gets them. */
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

/** Runs a snippet that serves, and gives its first address and what it logs. */
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

describe('the code in the README', () => {
  it('should be made of TypeScript, configurations and commands', () => {
    const languages = new Set(snippets.map(({ language }) => language));
    expect([...languages].sort()).toEqual(['apache', 'lighttpd', 'nginx', 'sh', 'ts']);
  });

  it('should serve in five lines', async () => {
    const { address, logged } = await serve('const server = serveScgi');
    expect(await get(address, '/you')).toBe('Hello, /you\n');
    expect(logged).toEqual(['listening', 'request', 'response']);
    expect(snippetWith('const server = serveScgi').code.split('\n').filter(Boolean)).toHaveLength(4);
  });

  it('should serve by hand in ten lines', async () => {
    const { address, logged } = await serve("listen('127.0.0.1:4000')");
    expect(await get(address, '/you')).toBe('Hello, /you\n');
    expect(await get(address, '/again')).toBe('Hello, /again\n');
    expect(logged).toEqual([]);
    const broken = await TestGateway.connect(address);
    broken.write('x');
    expect(await broken.ending()).toBe('ECONNRESET');
    expect(logged).toEqual([expect.objectContaining({ code: 'ERR_SCGI_NETSTRING_LENGTH' })]);
    expect(await get(address, '/still')).toBe('Hello, /still\n');
    expect(snippetWith("listen('127.0.0.1:4000')").code.split('\n').filter(Boolean)).toHaveLength(10);
  });

  it('should log what the server emits', async () => {
    const { address, logged } = await serve('fromEvent(process');
    expect(await get(address, '/you')).toBe('Hello\n');
    expect(logged).toEqual([['GET', '/you', 200, expect.any(Number), expect.any(Number)]]);
  });

  it('should handle what the handler shows', () => {
    const { handler } = runSnippet(snippetWith('export const handler'), modules) as { handler: ScgiHandler };
    const answer = (uri: string, body?: string): unknown =>
      notificationsOf(testing.callHandler(handler, { uri, body }).pipe(shown))[0];
    expect(answer('/hello')).toBe('200 Hello\n');
    expect(answer('/echo', 'sent')).toBe('200 sent');
    expect(answer('/count', '[1, 2, 3]')).toBe('200 3\n');
    expect(answer('/count', 'no JSON')).toMatchObject({ code: 'ERR_SCGI_BODY_JSON' });
    expect(answer('/old')).toBe('301 ');
    expect(answer('/nowhere')).toBe('404 Not found\n');
    marbles(({ expectObservable }) => {
      const request = rxjs.of(testing.requestBytes({ uri: '/events' }));
      const events = request.pipe(rxscgi.handleScgi(handler), rxjs.map(testing.textOf));
      expectObservable(events, '2500ms !').toBe('h 999ms a 999ms b', {
        h: 'Status: 200 OK\r\nContent-Type: text/event-stream\r\n\r\n',
        a: 'data: 0\n\n',
        b: 'data: 1\n\n',
      });
    });
  });

  it('should test a handler in virtual time, and fail when the handler does otherwise', () => {
    const snippet = snippetWith("from 'rxscgi/testing'");
    const names: string[] = [];
    const it = (name: string, test: () => void): void => {
      names.push(name);
      test();
    };
    runSnippet(snippet, modules, { it, expect });
    expect(names).toEqual(['should answer after half a second']);
    const wrong = { ...snippet, code: snippet.code.replace('timer(500)', 'timer(501)') };
    expect(() => runSnippet(wrong, modules, { it, expect })).toThrow();
  });
});

describe('the README', () => {
  it('should show configurations that the interop specs run', () => {
    const configurations = snippets.filter(({ language }) => /nginx|apache|lighttpd/.test(language));
    expect(configurations).toHaveLength(3);
    for (const { language, code: text } of configurations) {
      expect(readPage(`docs/${language}.md`)).toContain(`\`\`\`${language}\n${text}\`\`\``);
    }
  });

  it('should show commands that there are', () => {
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
