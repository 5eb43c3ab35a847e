/** Runs the program of docs/gateways.md. */
import { exchange } from '../helpers/sockets/exchange.js';
import { serveSnippet } from '../helpers/docs/served-snippet.js';
import { readPage, snippetsOf } from '../helpers/docs/snippets.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';

const programs = snippetsOf(readPage('docs/gateways.md')).filter(({ language }) => language === 'ts');

cleanUpSockets();

describe('docs/gateways.md', () => {
  it('should have one program', () => expect(programs).toHaveLength(1));

  it.each(['127.0.0.1:', 'unix:'])('should serve on %s', async (prefix) => {
    const { address } = await serveSnippet(programs[0]!, (each) => each.startsWith(prefix));
    expect(await exchange(address)).toBe('200 Hello\n');
  });
});
