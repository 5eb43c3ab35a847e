/** Runs the programs of docs/reference/adapters.md. */
import { requestBytes } from '../../lib/testing/index.js';
import { serveSnippet } from '../helpers/docs/served-snippet.js';
import { readPage, snippetsOf } from '../helpers/docs/snippets.js';
import { TestGateway, cleanUpSockets } from '../helpers/sockets/sockets.js';

cleanUpSockets();

const [fetchSnippet, listenerSnippet] = snippetsOf(readPage('docs/reference/adapters.md')).filter(
  ({ language }) => language === 'ts',
);

describe('docs/reference/adapters.md', () => {
  it('should serve a fetch application', async () => {
    const { address } = await serveSnippet(fetchSnippet!);
    const answerTo = async (uri: string): Promise<string> => {
      const gateway = await TestGateway.connect(address);
      gateway.write(requestBytes({ method: 'POST', uri, body: 'text' }));
      return (await gateway.response()).replace(/^.*\r\n\r\n/s, '');
    };
    expect(await answerTo('/echo')).toBe('text');
    expect(JSON.parse(await answerTo('/a'))).toEqual({ pathname: '/a', text: 'text' });
  });

  it('should serve a request listener', async () => {
    const { address } = await serveSnippet(listenerSnippet!);
    const answerTo = async (uri: string): Promise<string> => {
      const gateway = await TestGateway.connect(address);
      const variables = { REMOTE_ADDR: '192.0.2.1' };
      gateway.write(requestBytes({ method: 'POST', uri, body: 'text', variables }));
      return (await gateway.response()).replace(/^.*\r\n\r\n/s, '');
    };
    expect(await answerTo('/echo')).toBe('text');
    expect(await answerTo('/')).toBe('Hello, 192.0.2.1\n');
  });
});
