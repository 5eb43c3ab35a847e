/** Runs the programs of the README. Its nginx configuration is run by spec/interop/configurations/readme.spec.ts. */
import { requestBytes } from '../lib/testing/index.js';
import { answerTo, exchange } from './helpers/sockets/exchange.js';
import { runInProcess } from './helpers/command/in-process.js';
import { expectNoProcessFaults } from './helpers/faults/process-faults.js';
import { serveSnippet, type ServedSnippet } from './helpers/docs/served-snippet.js';
import { readPage, snippetsOf, type Snippet } from './helpers/docs/snippets.js';
import { TestGateway, cleanUpSockets } from './helpers/sockets/sockets.js';

const page = readPage('README.md');
const snippets = snippetsOf(page);

/** Runs the one program that contains `text`. */
function serve(text: string): Promise<ServedSnippet> {
  const found = snippets.filter(({ language, code }) => language === 'ts' && code.includes(text));
  expect(found).toHaveLength(1);
  return serveSnippet(found[0] as Snippet);
}

expectNoProcessFaults();
cleanUpSockets();

describe('README.md', () => {
  it('should have at most 130 lines', () => {
    expect(page.split('\n').length - 1).toBeLessThanOrEqual(130);
  });

  it('should show programs, a configuration and commands', () => {
    expect(snippets.map(({ language }) => language)).toEqual(['ts', 'nginx', 'ts', 'sh']);
  });

  it('should have a program that serves, and logs its events', async () => {
    const { address, logged } = await serve("case '/events'");
    expect(await exchange(address, { uri: '/nowhere' })).toBe('404 Not found\n');
    expect(logged).toEqual(['listening', 'request', 'response']);
  });

  it('should have a pipeline that serves, answers errors, and reports cut connections', async () => {
    const { address, logged } = await serve('usingSocket');
    expect(await exchange(address, { uri: '/you' })).toBe('200 Hello, /you\n');
    const broken = await TestGateway.connect(address);
    broken.write('x');
    expect(await answerTo(broken)).toBe('400 Bad Request\n');
    expect(logged).toEqual([]);
    const cut = await TestGateway.connect(address);
    cut.write(requestBytes().subarray(0, 10));
    // The bytes have been read when a later connection has been answered.
    expect(await exchange(address)).toBe('200 Hello, /\n');
    cut.socket.resetAndDestroy();
    while (logged.length === 0) expect(await exchange(address)).toBe('200 Hello, /\n');
    expect(logged).toEqual([expect.objectContaining({ code: 'ERR_SCGI_GATEWAY_GONE' })]);
  });

  it('should show commands that exist, with their options', async () => {
    const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
    const commands = snippets.filter(({ language }) => language === 'sh').map(({ code: text }) => text);
    for (const command of ['npm ci && npm start', 'npm ci && npm test'])
      expect(page).toContain(`\`${command}\``);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test']));
    expect(scripts['start']).toContain('examples/hello');
    const lines = commands.join('').matchAll(/^npx rxscgi ([a-z]+) ([^#\n]*)/gm);
    const shown: string[] = [];
    for (const [, command = '', rest = ''] of lines) {
      shown.push(command);
      const help = (await runInProcess([command, '--help'])).lines.join('\n');
      for (const [flag] of rest.matchAll(/(?<= )--?[a-z-]+/g)) expect(help).toMatch(new RegExp(`${flag}\\b`));
    }
    expect(shown).toEqual(['serve', 'dev']);
  });
});
