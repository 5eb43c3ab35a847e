/** Runs the handler of docs/reference/handlers.md. */
import * as rxjs from 'rxjs';
import type { ScgiHandler } from '../../lib/index.js';
import * as rxscgi from '../../lib/index.js';
import * as testing from '../../lib/testing/index.js';
import { notificationsOf, shown } from '../helpers/virtual-time/responses/calls.js';
import { marbles } from '../helpers/virtual-time/marbles.js';
import { readPage, runSnippet, snippetsOf } from '../helpers/docs/snippets.js';

const snippets = snippetsOf(readPage('docs/reference/handlers.md')).filter(
  ({ language }) => language === 'ts',
);

describe('the handler of docs/reference/handlers.md', () => {
  const { handler } = runSnippet(snippets[0]!, { rxjs, rxscgi }) as { handler: ScgiHandler };

  const answer = (uri: string, body?: string): unknown =>
    notificationsOf(testing.callHandler(handler, { uri, body }).pipe(shown))[0];

  it('should answer as the page says', () => {
    expect(answer('/text')).toBe('200 Hello\n');
    expect(answer('/json', '[1, 2, 3]')).toBe('200 3 items\n');
    expect(answer('/json', 'not JSON')).toMatchObject({ code: 'ERR_SCGI_BODY_JSON' });
    expect(answer('/moved')).toBe('301 ');
    expect(answer('/nowhere')).toBe('404 Not found\n');
  });

  it('should redirect locally', () => {
    const request = rxjs.of(testing.requestBytes({ uri: '/inside' }));
    const written = notificationsOf(request.pipe(rxscgi.handleScgi(handler), rxjs.map(testing.textOf)));
    expect(written[0]).toBe('Location: /text\r\n\r\n');
  });

  it('should send events, and go on where the client was', () => {
    const { events } = runSnippet(snippets[1]!, { rxjs, rxscgi }) as { events: ScgiHandler };
    expect(snippets).toHaveLength(2);
    marbles(({ expectObservable }) => {
      const request = rxjs.of(testing.requestBytes({ headers: { 'Last-Event-ID': '6' } }));
      const written = request.pipe(rxscgi.handleScgi(events), rxjs.skip(1), rxjs.map(testing.textOf));
      expectObservable(written, '1500ms !').toBe('1000ms a', { a: 'event: tick\nid: 7\ndata: tick 7\n\n' });
    });
  });

  it('should stream', () => {
    marbles(({ expectObservable }) => {
      const request = rxjs.of(testing.requestBytes({ uri: '/stream' }));
      const written = request.pipe(rxscgi.handleScgi(handler), rxjs.map(testing.textOf));
      expectObservable(written, '2500ms !').toBe('h 999ms a 999ms b', {
        h: 'Status: 200 OK\r\n\r\n',
        a: '0\n',
        b: '1\n',
      });
    });
  });
});
