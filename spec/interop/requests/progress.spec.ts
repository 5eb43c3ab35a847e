/** Runs the program of docs/recipes/nginx.md that shows the progress of an upload, behind each web server. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { apache } from '../../helpers/peers/web-servers/apache.js';
import { describeEverySite, type Site } from '../../helpers/peers/web-servers/every-site.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import { firstLine } from '../../helpers/peers/clients/http-client.js';
import { lighttpd } from '../../helpers/peers/web-servers/lighttpd.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import { MIB } from '../../helpers/peers/clients/pattern.js';
import { SitesOfPage } from '../../helpers/peers/web-servers/sites-of-page.js';

const nginxSite = new SitesOfPage('docs/recipes/nginx.md', nginx).under('Streamed uploads');
const { handler } = nginxSite;
const lighttpdSite = new SitesOfPage('docs/recipes/lighttpd.md', lighttpd).under(
  'Streamed responses and uploads',
  {
    handler,
  },
);

describe('the progress of an upload', () => {
  describeEverySite(nginxSite, specsOfProgress);
  describeEverySite({ peers: [apache, ownGateway], handler }, specsOfProgress);
  describeEverySite(lighttpdSite, specsOfProgress);

  function specsOfProgress(site: Site): void {
    it('should show while the upload goes on', async () => {
      const watcher = site.openCall('/progress?id=7');
      const events = await watcher.response;
      const upload = httpRequest(site.url('/?id=7'), {
        method: 'PUT',
        headers: { 'Content-Length': 2 * MIB },
        agent: false,
      });
      const response = once(upload, 'response') as Promise<[NodeJS.ReadableStream]>;
      upload.write(Buffer.alloc(MIB));
      expect(await firstLine(events)).toMatch(/^data: [1-9]/);
      upload.end(Buffer.alloc(MIB));
      const [reply] = await response;
      expect(await firstLine(reply)).toBe(`${2 * MIB} bytes`);
      watcher.abandon();
    });
  }
});
