/** Runs each configuration of docs/recipes/apache.md, with the program next to it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { of } from 'rxjs';
import { apache } from '../../helpers/peers/web-servers/apache.js';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { SitesOfPage } from '../../helpers/peers/web-servers/sites-of-page.js';

const page = new SitesOfPage('docs/recipes/apache.md', apache);

describe.each(['TCP', 'Unix socket'])('docs/recipes/apache.md: %s', (heading) => {
  describeEverySite(page.under(heading), (site) => {
    it('should forward a request', async () => {
      site.app.handler = ({ path, query }) => of({ body: `${path} ${query}` });
      expect(await site.call('/a/caf%C3%A9?d=e')).toMatchObject({ status: 200, text: '/a/caf%C3%A9 d=e' });
    });
  });
});

describe('docs/recipes/apache.md: Limits', () => {
  describeEverySite({ peers: [apache], directives: () => ['AllowEncodedSlashes NoDecode'] }, (site) => {
    it('should forward a path with %2F when AllowEncodedSlashes is NoDecode', async () => {
      site.app.handler = ({ path }) => of({ body: path });
      expect(await site.call('/a%2Fb')).toMatchObject({ status: 200, text: '/a%2Fb' });
    });
  });

  describeEverySite({ peers: [apache] }, (site) => {
    it('should answer 404 to a path with %2F by default', async () => {
      site.app.respond({ body: 'reached' });
      expect(await site.call('/a%2Fb')).toMatchObject({ status: 404 });
    });
  });
});

describe('docs/recipes/apache.md: Trusted Content-Length', () => {
  describeEverySite(page.under('Trusted Content-Length'), (site) => {
    it('should keep the Content-Length of the response to a HEAD request', async () => {
      site.app.respond({ headers: { 'Content-Length': '1234' } });
      const reply = await site.call('/', { method: 'HEAD' });
      expect(reply.headers['content-length']).toBe('1234');
    });
  });
});

describe('docs/recipes/apache.md: Authorization', () => {
  describeEverySite(page.under('Authorization'), (site) => {
    it('should pass the credentials on', async () => {
      const headers = { Authorization: 'Bearer swordfish' };
      expect(await site.call('/', { headers })).toMatchObject({ status: 200, text: 'welcome\n' });
      expect(await site.call('/')).toMatchObject({ status: 401 });
    });
  });

  const { handler } = page.under('Authorization');
  describeEverySite({ peers: [apache], transports: ['TCP'], handler: handler! }, (site) => {
    it('should keep the credentials back without CGIPassAuth', async () => {
      const headers = { Authorization: 'Bearer swordfish' };
      expect(await site.call('/', { headers })).toMatchObject({ status: 401 });
    });
  });
});

describe('docs/recipes/apache.md: Files', () => {
  describeEverySite(page.under('Files'), (site) => {
    it('should send the whole file', async () => {
      await writeFile(join(site.folder, 'report.txt'), 'all of the report');
      site.app.handler = page.programUnder('Files', { '/srv/files': site.folder })!.handler;
      const reply = await site.call('/');
      expect(reply).toMatchObject({ status: 200, complete: true, text: 'all of the report' });
      expect(reply.headers['content-type']).toBe('text/plain');
    });
  });
});

describe('docs/recipes/apache.md: Compressed uploads', () => {
  const bytes = Buffer.alloc(100_000);

  describeEverySite(page.under('Compressed uploads'), (site) => {
    it('should be inflated by the application', async () => {
      const headers = { 'Content-Encoding': 'gzip' };
      const reply = await site.call('/', { headers, body: gzipSync(bytes) });
      expect(reply).toMatchObject({ status: 200, text: '100000 bytes\n' });
    });
  });
});

describe('docs/recipes/apache.md: From the command', () => {
  describeEverySite(page.under('From the command', { app: { mount: '/app' } }), (site) => {
    it('should forward what is below the mount', async () => {
      site.app.handler = ({ path }) => of({ body: path });
      expect(await site.call('/app/x')).toMatchObject({ status: 200, text: '/x' });
    });
  });
});

describe('docs/recipes/apache.md', () => {
  it('should have no configuration that is not run here', () => {
    expect(page.unused).toEqual([]);
  });
});
