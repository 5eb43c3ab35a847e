/** Runs the README's program behind the README's nginx configuration. */
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { firstLine } from '../../helpers/peers/clients/http-client.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import { SitesOfPage } from '../../helpers/peers/web-servers/sites-of-page.js';
import { readPage } from '../../helpers/docs/snippets.js';

const page = new SitesOfPage('README.md', nginx);
const MB = 1_000_000;

describe('README.md: One program', () => {
  describeEverySite(page.under('One program'), (site) => {
    it('should greet', async () => {
      expect(await site.call('/')).toMatchObject({ status: 200, text: 'Hello, 127.0.0.1\n' });
    });

    it('should count an upload of 50 MB', async () => {
      expect(await site.call('/upload', { upload: 50 * MB })).toMatchObject({ text: '50000000 bytes\n' });
    });

    it('should show events as they come', async () => {
      const call = site.openCall('/events');
      const response = await call.response;
      expect(response.headers['content-type']).toBe('text/event-stream');
      expect(await firstLine(response)).toBe('data: 0');
      call.abandon();
    });

    it('should answer 404 elsewhere', async () => {
      expect(await site.call('/nowhere')).toMatchObject({ status: 404, text: 'Not found\n' });
    });
  });

  it('should have no configuration that is not run here', () => {
    expect(page.unused).toEqual([]);
  });
});

describe('README.md: over a Unix socket', () => {
  const socketGroup = 'www-data';
  // nginx's workers are www-data where the specs run as root, and this user elsewhere. Without an option of its own, ScgiApp would let
  // everybody connect.
  const app = {
    socketMode: undefined,
    socketGroup: process.getuid?.() === 0 ? socketGroup : process.getgid?.(),
  };

  describeEverySite({ peers: [nginx], transports: ['Unix'], app }, (site) => {
    it('should let nginx connect with the options that the page names', async () => {
      const options = `'unix:/run/app/app.sock' with socketGroup: '${socketGroup}'`;
      expect(readPage('README.md')).toContain(options);
      site.app.respond({ body: 'Hello\n' });
      expect(await site.call('/')).toMatchObject({ status: 200, text: 'Hello\n' });
    });
  });
});
