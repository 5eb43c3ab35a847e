/** Responses to HEAD, 204 and 304, byte by byte as a real web server sends them: no body, whatever the handler returns. */
import { from, of } from 'rxjs';
import type { ScgiHandler, ScgiResponse } from '../../../lib/index.js';
import { apache } from '../../helpers/peers/web-servers/apache.js';
import { describeEverySite, type Site } from '../../helpers/peers/web-servers/every-site.js';
import { pattern } from '../../helpers/peers/clients/pattern.js';
import type { Peer } from '../../helpers/peers/web-servers/peer.js';
import { rawExchange } from '../../helpers/peers/clients/raw-exchange.js';

const SIZE = 300_000;

/** Bodies whose `Content-Length` is known. */
const SIZED_BODIES: [what: string, make: () => ScgiResponse][] = [
  ['text', () => ({ body: 'x'.repeat(SIZE) })],
  ['bytes', () => ({ body: new Uint8Array(SIZE) })],
  ['a stream and its length', () => ({ headers: { 'Content-Length': String(SIZE) }, body: pattern(SIZE) })],
];

const BODIES: typeof SIZED_BODIES = [
  ...SIZED_BODIES,
  ['a generator', () => ({ body: pattern(SIZE) })],
  ['an Observable', () => ({ body: from(pattern(SIZE)) })],
  ['none', () => ({})],
];

interface RawAnswer {
  readonly head: string;
  /** Everything after the empty line. */
  readonly body: string;
  /** Bytes that the application has sent to the web server. */
  readonly bytesOut: number;
}

describe('the response to HEAD', () => {
  describeEverySite({}, (site) => {
    it.each(BODIES)('should have the fields and no body when the handler returns %s', async (_, make) => {
      const { head, body, bytesOut } = await answer(site, 'HEAD', ({ method }) => {
        const response = make();
        return of({ ...response, headers: { ...response.headers, 'X-Method': method } });
      });
      expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(head).toMatch(/^X-Method: HEAD\r$/im);
      expect(body).toBe('');
      expect(bytesOut).toBeLessThan(SIZE);
    });
  });

  // Apache passes on the length only of an application that it is told to trust.
  const directives = (peer: Peer) => (peer === apache ? peer.responseDirectives : []);
  describeEverySite({ directives }, (site) => {
    it.each(SIZED_BODIES)(
      'should have the Content-Length of GET when the handler returns %s',
      async (_, make) => {
        site.app.handler = () => of(make());
        const get = await site.call('/');
        const head = await site.call('/', { method: 'HEAD' });
        expect([get.bytes, get.headers['content-length']]).toEqual([SIZE, String(SIZE)]);
        expect([head.bytes, head.headers['content-length']]).toEqual([0, String(SIZE)]);
      },
    );
  });
});

describe.each([204, 304])('a %i', (status) => {
  describeEverySite({}, (site) => {
    it.each(BODIES)('should have no body and no length when the handler returns %s', async (_, make) => {
      const { head, body, bytesOut } = await answer(site, 'GET', ({ headers }) => {
        const response = make();
        const ETag = headers.get('if-none-match') ?? 'none';
        return of({ ...response, status, headers: { ...response.headers, ETag } });
      });
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(head).toMatch(/^ETag: "v7"\r$/im);
      expect(head).not.toMatch(/^(Content-Length|Transfer-Encoding):/im);
      expect(body).toBe('');
      expect(bytesOut).toBeLessThan(SIZE);
    });
  });
});

/** Asks as a browser that already has the document, and reads until the web server closes. */
async function answer(site: Site, method: string, handler: ScgiHandler): Promise<RawAnswer> {
  site.app.handler = handler;
  const response = site.app.next('response');
  const { host } = new URL(site.url('/'));
  const lines = [`${method} / HTTP/1.1`, `Host: ${host}`, 'If-None-Match: "v7"', 'Connection: close'];
  const { text } = await rawExchange(host, `${lines.join('\r\n')}\r\n\r\n`);
  const end = text.indexOf('\r\n\r\n') + 4;
  const { bytesOut } = await response;
  return { head: text.slice(0, end), body: text.slice(end), bytesOut };
}
