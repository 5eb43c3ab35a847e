/** Runs the program of docs/background/web-servers.md. */
import { exchange } from '../helpers/sockets/exchange.js';
import { serveSnippet } from '../helpers/docs/served-snippet.js';
import { readPage, snippetsOf } from '../helpers/docs/snippets.js';
import { cleanUpSockets } from '../helpers/sockets/sockets.js';

const programs = snippetsOf(readPage('docs/background/web-servers.md')).filter(
  ({ language }) => language === 'ts',
);

cleanUpSockets();

describe('docs/background/web-servers.md', () => {
  it('should have two programs', () => expect(programs).toHaveLength(2));

  it.each(['127.0.0.1:', 'unix:'])('should serve on %s', async (prefix) => {
    const { address } = await serveSnippet(programs[0]!, (each) => each.startsWith(prefix));
    expect(await exchange(address)).toBe('200 Hello\n');
  });

  it('should know the client behind a second proxy', async () => {
    const { address } = await serveSnippet(programs[1]!, () => true);
    const variables = { REMOTE_ADDR: '127.0.0.1', REQUEST_SCHEME: 'http', HTTP_HOST: 'inside' };
    const headers = {
      'X-Forwarded-For': '10.0.0.5, 192.0.2.7, 10.0.0.5',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'a.example',
    };
    expect(await exchange(address, { variables, headers })).toBe(
      '200 192.0.2.7 asks for https://a.example/\n',
    );
    const stranger = { ...variables, REMOTE_ADDR: '192.0.2.8' };
    expect(await exchange(address, { variables: stranger, headers })).toBe(
      '200 192.0.2.8 asks for http://inside/\n',
    );
  });
});
