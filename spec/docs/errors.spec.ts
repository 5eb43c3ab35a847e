/** Runs the handler of docs/reference/errors.md. */
import * as rxjs from 'rxjs';
import type { ScgiHandler } from '../../lib/index.js';
import * as rxscgi from '../../lib/index.js';
import * as testing from '../../lib/testing/index.js';
import { readPage, runSnippet, snippetsOf } from '../helpers/docs/snippets.js';
import { notificationsOf, shown } from '../helpers/virtual-time/responses/calls.js';

const [snippet] = snippetsOf(readPage('docs/reference/errors.md')).filter(
  ({ language }) => language === 'ts',
);

describe('the handler of docs/reference/errors.md', () => {
  const { handler } = runSnippet(snippet!, { rxjs, rxscgi }) as { handler: ScgiHandler };

  const answer = (body: string): unknown =>
    notificationsOf(testing.callHandler(handler, { method: 'POST', body }).pipe(shown))[0];

  it('should answer an error of the library with its code and its status', () => {
    expect(answer('{"name":"you"}')).toBe('200 Hello, you\n');
    expect(answer('not JSON')).toBe('400 ERR_SCGI_BODY_JSON\n');
  });

  it('should pass on any other error', () => {
    // The page's code has a realm of its own.
    expect(answer('null')).toMatchObject({ name: 'TypeError' });
  });
});
