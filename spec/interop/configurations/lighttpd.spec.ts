/** Runs each configuration of docs/recipes/lighttpd.md, with the program next to it. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { of } from 'rxjs';
import { useBuiltCommand } from '../../helpers/command/command.js';
import { describeWith } from '../../helpers/describe-with.js';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { call, wholePattern } from '../../helpers/peers/clients/http-client.js';
import { lighttpd } from '../../helpers/peers/web-servers/lighttpd.js';
import { MIB } from '../../helpers/peers/clients/pattern.js';
import { createSharedFolder, definePeer } from '../../helpers/peers/web-servers/peer.js';
import { SitesOfPage } from '../../helpers/peers/web-servers/sites-of-page.js';

const ROOT = join(__dirname, '../../..');
const page = new SitesOfPage('docs/recipes/lighttpd.md', lighttpd);

describe.each(['TCP', 'Unix socket'])('docs/recipes/lighttpd.md: %s', (heading) => {
  describeEverySite(page.under(heading), (site) => {
    it('should forward a request', async () => {
      site.app.handler = ({ path, query }) => of({ body: `${path} ${query}` });
      expect(await site.call('/a/b%2Fc?d=e')).toMatchObject({ status: 200, text: '/a/b%2Fc d=e' });
    });
  });
});

describe('docs/recipes/lighttpd.md: Streamed responses and uploads', () => {
  describeEverySite(page.under('Streamed responses and uploads'), (site) => {
    it('should echo an upload of any size', async () => {
      expect(await site.call('/', { upload: 50 * MIB })).toMatchObject(wholePattern(50 * MIB));
    });
  });
});

describe('docs/recipes/lighttpd.md: Additional parameters', () => {
  describeEverySite(page.under('Additional parameters'), (site) => {
    it('should arrive, and override those of lighttpd', async () => {
      site.app.handler = ({ variables, url }) => of({ body: `${variables.get('APP_MODE')} ${url.protocol}` });
      expect(await site.call('/')).toMatchObject({ status: 200, text: 'test https:' });
    });
  });
});

describe('docs/recipes/lighttpd.md: Files', () => {
  describeEverySite(page.under('Files'), (site) => {
    it('should send the file, whole and in part', async () => {
      await writeFile(join(site.folder, 'report.txt'), 'all of the report');
      site.app.handler = page.programUnder('Files', { '/srv/files': site.folder })!.handler;
      const reply = await site.call('/');
      expect(reply).toMatchObject({ status: 200, complete: true, text: 'all of the report' });
      expect(reply.headers['content-type']).toBe('text/plain');
      const part = await site.call('/', { headers: { Range: 'bytes=0-2' } });
      expect(part).toMatchObject({ status: 206, text: 'all' });
    });
  });
});

describeWith(['lighttpd'], 'docs/recipes/lighttpd.md: Started by lighttpd', () => {
  useBuiltCommand();

  it('should serve', async () => {
    const folder = await createSharedFolder();
    const peer = page.peerUnder('Started by lighttpd', {
      '/srv/app/node_modules/.bin/rxscgi': join(ROOT, 'dist/esm/cli/main.js'),
      '/srv/app/app.mjs': join(ROOT, 'examples/hello/handler.mjs'),
    });
    const gateway = await peer.start({ target: `unix:${join(folder, 'app.sock')}` });
    const reply = await call(`${gateway.url}/`).finally(() => gateway.stop());
    expect(reply).toMatchObject({ status: 200 });
    await rm(folder, { recursive: true });
  });
});

describe('docs/recipes/lighttpd.md: From the command', () => {
  const peer = page.peerUnder('From the command');
  // It goes beside a configuration that listens elsewhere.
  const beside = definePeer({
    ...peer,
    site: (config) => `server.bind = "${config.folder}/main.sock"\n${peer.site(config)}`,
  });
  describeEverySite({ peers: [beside], transports: ['TCP'], app: { mount: '/app' } }, (site) => {
    it('should forward what is below the mount', async () => {
      site.app.handler = ({ path }) => of({ body: path });
      expect(await site.call('/app/x')).toMatchObject({ status: 200, text: '/x' });
    });
  });
});

describe('docs/recipes/lighttpd.md', () => {
  it('should have no configuration that is not run here', () => {
    expect(page.unused).toEqual([]);
  });
});
