/** Follows the programs and commands of docs/guide. spec/interop/configurations/guide.spec.ts runs the configurations of its second page. */
import { channel } from 'node:diagnostics_channel';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, map, scan, takeWhile } from 'rxjs';
import { createFlow, type ScgiHandler } from '../../lib/index.js';
import { callHandler, streamHandler, textOf, type TestRequest } from '../../lib/testing/index.js';
import { ROOT } from '../helpers/command/build.js';
import { runInProcess } from '../helpers/command/in-process.js';
import { blocksOf, handlerOf, runModule, unknownFlagsOf } from '../helpers/docs/guide.js';
import { serveSnippet } from '../helpers/docs/served-snippet.js';
import { readPage, type Snippet } from '../helpers/docs/snippets.js';
import { exchange } from '../helpers/sockets/exchange.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';
import { notificationsOf, shown } from '../helpers/virtual-time/responses/calls.js';
import { marbles } from '../helpers/virtual-time/marbles.js';

const PAGES = readdirSync(join(ROOT, 'docs/guide'))
  .filter((name) => /^\d-.*\.md$/.test(name))
  .sort()
  .map((name) => `docs/guide/${name}`);
const [FIRST, NGINX, ERRORS, STREAMING, TESTING, PRODUCTION] = PAGES as [
  string,
  string,
  string,
  string,
  string,
  string,
];

/** What a module of a page may print. */
const silent = { console: { log: () => undefined } };

/** The answer of a handler, or its error. */
const answer = (handler: ScgiHandler, request: TestRequest): unknown =>
  notificationsOf(callHandler(handler, request).pipe(shown))[0];

/** The status of the response, and then the chunks of its body. */
const streamOf = (handler: ScgiHandler, uri: string, flow = createFlow()) =>
  streamHandler(handler, { uri }, { flow }).pipe(map((part) => ('status' in part ? part.status : part)));

cleanUpSockets();

it('docs/guide has six pages', () => expect(PAGES).toHaveLength(6));

describe.each(PAGES)('%s', (page) => {
  it('should name commands and flags that exist', async () => {
    expect(await unknownFlagsOf(page)).toEqual([]);
  });

  it('should lead to the next page, and have nothing but code that these specs know', () => {
    const next = PAGES[PAGES.indexOf(page) + 1];
    if (next !== undefined) expect(readPage(page)).toContain(`](${next.replace('docs/guide/', '')})`);
    const known = { js: [3, 0, 2, 2, 2, 1], ts: [0, 0, 0, 0, 0, 0], nginx: [0, 2, 0, 0, 0, 0] };
    for (const [language, counts] of Object.entries(known))
      expect(blocksOf(page, language)).toHaveLength(counts[PAGES.indexOf(page)]!);
  });
});

describe(FIRST, () => {
  const modules = blocksOf(FIRST, 'js');

  it('should greet', () => {
    expect(answer(handlerOf(modules[0]!), { uri: '/world' })).toBe('200 Hello, /world\n');
    expect(answer(handlerOf(modules[1]!), { uri: '/world' })).toBe('200 Hello, /world\n');
    const request = { uri: '/', variables: { REMOTE_ADDR: '127.0.0.1' } };
    expect(answer(handlerOf(modules[2]!), request)).toBe('200 Hello, 127.0.0.1\n');
  });

  it.each([1, 2])('should tick each second in module %i, and log when the client leaves', (index) => {
    const logged: unknown[] = [];
    const handler = handlerOf(modules[index]!, { console: { log: (line: unknown) => logged.push(line) } });
    marbles(({ expectObservable }) => {
      const values = { h: 200, a: 'tick 0\n', b: 'tick 1\n' };
      expectObservable(streamOf(handler, '/clock'), '1500ms !').toBe('(ha) 996ms b', values);
    });
    expect(logged).toEqual(['the clock has stopped']);
  });

  it('should count an upload, and answer 404 elsewhere', () => {
    const handler = handlerOf(modules[2]!);
    const body = Buffer.alloc(5_000_000);
    expect(answer(handler, { method: 'PUT', uri: '/count', body })).toBe('200 5000000 bytes\n');
    expect(answer(handler, { uri: '/nowhere' })).toBe('404 Not found\n');
  });
});

describe(NGINX, () => {
  it('should show the configurations that the command prints', async () => {
    const print = async (listen: string): Promise<string> => {
      const args = ['config', 'nginx', '--listen', listen, '--http', '127.0.0.1:8080', '--stream'];
      return `${(await runInProcess(args)).lines.join('\n')}\n`;
    };
    const [tcp, unix] = blocksOf(NGINX, 'nginx').map(({ code }) => code);
    expect(tcp).toBe(await print('127.0.0.1:4000'));
    expect(unix).toBe((await print('unix:/run/app/app.sock')).replace(/^#.*\n/, ''));
  });
});

describe(ERRORS, () => {
  const [orders, server] = blocksOf(ERRORS, 'js');
  const REQUESTS: Readonly<Record<string, TestRequest>> = {
    apple: { method: 'POST', uri: '/orders', body: '{"fruit":"apple"}' },
    plum: { method: 'POST', uri: '/orders', body: '{"fruit":"plum"}' },
    pear: { method: 'POST', uri: '/orders', body: '{"fruit":"pear"}' },
    'no JSON': { method: 'POST', uri: '/orders', body: 'apple' },
    '/bug': { uri: '/bug' },
    '/slow': { uri: '/slow' },
  };

  /** Status, text and code in the row of the page's table that begins with a request. */
  function inTable(request: string): string[] {
    const rows = Array.from(readPage(ERRORS).matchAll(/^\| (.+) \|$/gm), ([, row = '']) =>
      row.split('|').map((cell) => cell.trim().replaceAll('`', '')),
    );
    return rows.find(([cell]) => cell === request)!.slice(2);
  }

  it('should fail as its table says, in the response and in the log', async () => {
    const modules = { './orders.mjs': { __esModule: true, default: handlerOf(orders!) } };
    const { address, logged } = await serveSnippet(server!, undefined, modules);
    expect(logged).toEqual([`listening on ${address}`]);
    for (const [name, request] of Object.entries(REQUESTS)) {
      const [status, body, code] = inTable(name);
      const before = logged.length;
      expect((await exchange(address, request)).trimEnd()).toBe(`${status} ${body}`);
      const errors = (logged.slice(before) as unknown[][])
        .map(([, error]) => error)
        .filter((error) => typeof error === 'object') as (Error & { code?: string })[];
      expect(errors.map((error) => error.code ?? error.name)).toEqual(code === '' ? [] : [code]);
    }
  });

  it('should break off in the middle of a response', () => {
    marbles(({ expectObservable }) => {
      const values = { h: 200, a: 'the first half\n' };
      const failure = new Error('the disk is gone');
      expectObservable(streamOf(handlerOf(orders!), '/cut')).toBe('(ha) 496ms #', values, failure);
    });
  });
});

describe(STREAMING, () => {
  const [upload, download] = blocksOf(STREAMING, 'js');

  it.each([
    ['/concat', '1.00'],
    ['/pull', '0.06'],
  ])('should hold as much as it says with %s', (uri, mib) => {
    marbles(({ expectObservable }) => {
      const request = { method: 'PUT', uri, body: Buffer.alloc(1024 * 1024) };
      const text = callHandler(handlerOf(upload!), request).pipe(map(({ body }) => textOf(body)));
      expectObservable(text).toBe('100ms (a|)', {
        a: `1048576 bytes, at most ${mib} MiB of them held\n`,
      });
    });
  });

  it('should make no more of a download than the client takes', async () => {
    const logged: unknown[] = [];
    const handler = handlerOf(download!, { console: { log: (line: unknown) => logged.push(line) } });
    const mib = 1024 * 1024;
    const taken = streamOf(handler, '/').pipe(
      scan((bytes, part) => bytes + (typeof part === 'number' ? 0 : part.length), 0),
      takeWhile((bytes) => bytes < 15 * mib),
    );
    expect(await lastValueFrom(taken)).toBeGreaterThan(13 * mib);
    expect(logged).toEqual(['10 MiB made']);
  });
});

describe(TESTING, () => {
  const [first, all] = blocksOf(TESTING, 'js');
  const app = { __esModule: true, default: handlerOf(blocksOf(FIRST, 'js')[2]!, silent) };

  /** Runs the tests of a module. @returns their names. */
  function run(snippet: Snippet): string[] {
    const names: string[] = [];
    const each = (name: string, body: () => void): void => {
      names.push(name);
      body();
    };
    runModule(snippet, { 'node:test': { test: each }, './app.mjs': app });
    return names;
  }

  it('should show tests that pass', () => {
    expect(run(first!)).toEqual(['greets the client']);
    expect(run(all!)).toHaveLength(4);
  });

  it('should show the message of a failure', () => {
    const wrong = { ...first!, code: first!.code.replace('192.0.2.1\\n', '192.0.2.2\\n') };
    const [message] = blocksOf(TESTING, 'text').map(({ code }) => code.trimEnd());
    expect(() => run(wrong)).toThrow(message);
  });

  it.each([
    ['996ms b', '997ms b'],
    ['2496ms (bc)', '2495ms (bc)'],
    ['12 bytes', '11 bytes'],
    ['ERR_SCGI_PREMATURE_EOF', 'ERR_SCGI_BODY_TIMEOUT'],
  ])('should show a test that notices %s', (right, wrong) => {
    expect(() => run({ ...all!, code: all!.code.replace(right, wrong) })).toThrow('  actual: ');
  });
});

describe(PRODUCTION, () => {
  const service = runModule(blocksOf(PRODUCTION, 'js')[0]!, {}, { process: { pid: 7 } });
  const handler = service.default as ScgiHandler;

  it('should count responses between start and stop', () => {
    const respond = (status: number): void => channel('rxscgi:request').publish({ type: 'response', status });
    respond(500);
    (service.start as () => void)();
    for (const status of [200, 404, 200]) respond(status);
    (service.stop as () => void)();
    respond(500);
    const [ok, missing] = [200, 404].map((status) => `scgi_responses_total{worker="7",status="${status}"}`);
    expect(answer(handler, { uri: '/metrics' })).toBe(`200 ${ok} 2\n${missing} 1\n`);
    expect(answer(handler, { uri: '/' })).toBe('200 Hello, first version\n');
  });

  it('should end the clock when the server drains, and not the report', () => {
    marbles(({ cold, expectObservable }) => {
      const draining = () => createFlow({ draining: cold('2500ms d') });
      const values = { h: 200, a: 'tick 0\n', b: 'tick 1\n', c: 'tick 2\n' };
      const clock = streamOf(handler, '/clock', draining());
      expectObservable(clock, '4s !').toBe('(ha) 996ms b 999ms c 499ms |', values);
      const report = streamOf(handler, '/report', draining());
      expectObservable(report).toBe('3s (ha|)', { h: 200, a: 'the report\n' });
    });
  });
});
