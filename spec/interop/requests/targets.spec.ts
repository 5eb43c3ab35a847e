/** The path, query and URL that an application sees for unusual and for rewritten paths. */
import { of } from 'rxjs';
import { describeEverySite, type Site } from '../../helpers/peers/web-servers/every-site.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import { rawExchange } from '../../helpers/peers/clients/raw-exchange.js';

/** Sends a request line verbatim: HTTP clients normalise paths. */
async function get(site: Site, target: string): Promise<unknown> {
  site.app.handler = ({ path, query, url }) =>
    of({ body: JSON.stringify({ path, query, url: url.pathname + url.search }) });
  const reply = await rawExchange(new URL(site.url('/')).host, `GET ${target} HTTP/1.0\r\nHost: a\r\n\r\n`);
  return JSON.parse(reply.text.slice(reply.text.indexOf('{')));
}

describe('a mount', () => {
  describeEverySite({ app: { mount: '/app' } }, (site) => {
    it.each([
      ['/app/x?q=1', '/app/x?q=1'],
      ['/%61pp/x?q=1', '/app/x?q=1'],
      ['//app//x?q=1', '/app/x?q=1'],
      ['/y/../app/./x?q=1', '/app/x?q=1'],
      ['/app/%7ex?q=1', '/app/~x?q=1'],
    ])('should be found in %s', async (target, url) => {
      const path = url.slice('/app'.length, url.indexOf('?'));
      expect(await get(site, target)).toEqual({ path, query: 'q=1', url });
    });

    it('should not be found beside it', async () => {
      expect(await get(site, '/app/../other')).toEqual({ path: '/other', query: '', url: '/other' });
    });
  });
});

describe('nginx that rewrites a request', () => {
  const directives = () => ['rewrite ^/old/(.*)$ /new/$1?id=7 break;'];

  describeEverySite({ peers: [nginx], directives }, (site) => {
    it('should show what the client sent by default', async () => {
      expect(await get(site, '/old/a?q=1')).toEqual({ path: '/old/a', query: 'q=1', url: '/old/a?q=1' });
    });
  });

  describeEverySite({ peers: [nginx], directives, app: { requestTarget: 'routed' } }, (site) => {
    it('should show what it made of it with requestTarget: routed', async () => {
      const routed = { path: '/new/a%20b', query: 'id=7&q=1', url: '/new/a%20b?id=7&q=1' };
      expect(await get(site, '/old/a%20b?q=1')).toEqual(routed);
    });
  });
});
