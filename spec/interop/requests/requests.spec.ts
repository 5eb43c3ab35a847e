/** Requests that real web servers forward: the fields and bodies that reach the handler. */
import { of } from 'rxjs';
import type { ScgiRequest } from '../../../lib/index.js';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { answerDigest } from '../../helpers/peers/applications/handlers.js';
import { MIB, patternDigest } from '../../helpers/peers/clients/pattern.js';

const BODY_SIZES = [0, 1, 65_535, 65_536, 50 * MIB];

describe('requests', () => {
  describeEverySite({}, (site) => {
    /** Answers with the part of the request that a case checks. */
    function answerWith(view: (request: ScgiRequest) => unknown): void {
      site.app.handler = (request) => of({ body: JSON.stringify(view(request)) });
    }

    it('should deliver the method, path, query and headers when a GET comes', async () => {
      answerWith(({ method, path, query, headers, contentLength }) => {
        return {
          method,
          path,
          query,
          contentLength,
          tag: headers.get('x-tag'),
          agent: headers.get('user-agent'),
        };
      });
      const reply = await site.call('/caf%C3%A9/a%20b?x=1&y=%26%3D', {
        headers: { 'X-Tag': 'one two', 'User-Agent': 'spec' },
      });
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.text)).toEqual({
        method: 'GET',
        path: '/caf%C3%A9/a%20b',
        query: 'x=1&y=%26%3D',
        contentLength: 0,
        tag: 'one two',
        agent: 'spec',
      });
    });

    it('should deliver the address of the client and a URL with its host', async () => {
      answerWith(({ remoteAddress, url }) => ({
        remoteAddress,
        href: url.href,
        query: url.searchParams.get('q'),
      }));
      const reply = await site.call('/search?q=rx%20js', { headers: { Host: 'shop.example' } });
      expect(JSON.parse(reply.text)).toEqual({
        remoteAddress: '127.0.0.1',
        href: 'http://shop.example/search?q=rx%20js',
        query: 'rx js',
      });
    });

    it.each(BODY_SIZES)('should deliver every byte of an upload of %d bytes', async (upload) => {
      site.app.handler = answerDigest;
      const reply = await site.call('/', { method: 'POST', upload });
      expect(reply.status).toBe(200);
      expect(JSON.parse(reply.text)).toEqual({ bytes: upload, digest: patternDigest(upload) });
    });

    it('should deliver a chunked upload where the web server counts it, as nginx and lighttpd do', async () => {
      const upload = 300_000;
      site.app.handler = answerDigest;
      const reply = await site.call('/', { upload, chunked: true });
      if (site.peer.name === 'Apache') {
        expect(reply.status).toBe(411);
      } else {
        expect(reply.status).toBe(200);
        expect(JSON.parse(reply.text)).toEqual({ bytes: upload, digest: patternDigest(upload) });
      }
    });

    it('should deliver several cookies', async () => {
      answerWith(({ headers }) => headers.get('cookie'));
      const reply = await site.call('/', { headers: { Cookie: 'theme=dark; lang=en; id="7"' } });
      expect(JSON.parse(reply.text)).toBe('theme=dark; lang=en; id="7"');
    });

    it('should deliver both values when a header line occurs twice', async () => {
      answerWith(({ headers }) => ({ tag: headers.get('x-tag'), cookie: headers.get('cookie') }));
      const reply = await site.call('/', {
        headers: ['X-Tag', 'one', 'X-Tag', 'two', 'Cookie', 'a=1', 'Cookie', 'b=2'],
      });
      expect(reply.status).toBe(200);
      const { tag, cookie } = JSON.parse(reply.text) as { tag: string; cookie: string };
      expect(tag).toBe('one, two');
      expect(cookie.split(/[;,] /)).toEqual(['a=1', 'b=2']);
    });

    it('should leave the Proxy header out of the headers, but not out of the variables', async () => {
      answerWith(({ headers, variables }) => [headers.has('proxy'), variables.get('HTTP_PROXY') ?? 'none']);
      const reply = await site.call('/', { headers: { Proxy: 'http://evil.example/' } });
      const [inHeaders, variable] = JSON.parse(reply.text) as [boolean, string];
      expect(inHeaders).toBe(false);
      // Only nginx passes it on.
      expect(variable).toBe(site.peer.name === 'nginx' ? 'http://evil.example/' : 'none');
    });
  });
});
