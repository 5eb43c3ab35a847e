/** Runs each configuration of docs/recipes/nginx.md, with the program next to it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NEVER, concat, of } from 'rxjs';
import { json } from '../../../lib/index.js';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { answerDigest } from '../../helpers/peers/applications/handlers.js';
import { firstLine } from '../../helpers/peers/clients/http-client.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import { MIB, patternDigest } from '../../helpers/peers/clients/pattern.js';
import { SitesOfPage } from '../../helpers/peers/web-servers/sites-of-page.js';

const UPLOAD = 20 * MIB;
const page = new SitesOfPage('docs/recipes/nginx.md', nginx);

describe.each(['TCP', 'Unix socket'])('docs/recipes/nginx.md: %s', (heading) => {
  describeEverySite(page.under(heading), (site) => {
    it('should take path, query and URL from REQUEST_URI', async () => {
      site.app.handler = ({ variables, path, query, url }) => {
        const names = ['SCRIPT_NAME', 'PATH_INFO', 'REQUEST_URI'].filter((name) => variables.has(name));
        return of({ body: JSON.stringify({ names, path, query, url: url.href }) });
      };
      const reply = await site.call('/a/b%2Fc?d=e', { headers: { Host: 'shop.example' } });
      expect(JSON.parse(reply.text)).toEqual({
        names: ['REQUEST_URI'],
        path: '/a/b%2Fc',
        query: 'd=e',
        url: 'http://shop.example/a/b%2Fc?d=e',
      });
    });

    it('should let an upload of 20 MiB through', async () => {
      site.app.handler = answerDigest;
      const reply = await site.call('/', { upload: UPLOAD });
      expect(JSON.parse(reply.text)).toEqual({ bytes: UPLOAD, digest: patternDigest(UPLOAD) });
    });
  });
});

describe('docs/recipes/nginx.md: Streamed responses', () => {
  describeEverySite(page.under('Streamed responses'), (site) => {
    it('should show an event while the response goes on', async () => {
      const call = site.openCall('/');
      expect(await firstLine(await call.response)).toBe('data: 0');
      call.abandon();
    });
  });

  describeEverySite({ peers: [nginx] }, (site) => {
    it('should need no configuration for a response with X-Accel-Buffering', async () => {
      site.app.respond({ headers: { 'X-Accel-Buffering': 'no' }, body: concat(['data: 0\n\n'], NEVER) });
      const call = site.openCall('/');
      expect(await firstLine(await call.response)).toBe('data: 0');
      call.abandon();
    });
  });
});

// spec/interop/requests/progress.spec.ts runs the program.
describe('docs/recipes/nginx.md: Streamed uploads', () => {
  describeEverySite(page.under('Streamed uploads', { app: { lenientContentLength: false } }), (site) => {
    it('should refuse a large upload without lenientContentLength rather than truncate it', async () => {
      let calls = 0;
      site.app.handler = (request) => {
        calls++;
        return answerDigest(request);
      };
      const failure = site.app.next('failure');
      const reply = await site.call('/', { upload: UPLOAD });
      expect(reply).toMatchObject({ status: 400, complete: true });
      expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_CONTENT_LENGTH_MISMATCH' });
      expect(calls).toBe(0);
    });
  });
});

describe('docs/recipes/nginx.md: Parameters set again', () => {
  describeEverySite(page.under('Parameters set again'), (site) => {
    it('should use the last value', async () => {
      site.app.handler = ({ remoteAddress, url }) => of({ body: JSON.stringify([remoteAddress, url.href]) });
      const headers = { Host: 'shop.example:8443', 'X-Real-IP': '192.0.2.7' };
      const reply = await site.call('/x', { headers });
      expect(JSON.parse(reply.text)).toEqual(['192.0.2.7', 'http://shop.example:8443/x']);
    });
  });
});

describe('docs/recipes/nginx.md: Authorization by a subrequest', () => {
  describeEverySite(page.under('Authorization by a subrequest'), (site) => {
    it('should let a POST through when the application allows it, and pass its user on', async () => {
      const headers = { Authorization: 'Bearer swordfish' };
      const reply = await site.call('/', { headers, upload: 10 });
      expect(reply.status).toBe(200);
      expect(reply.text).toMatch(/^ada sent /);
    });

    it('should refuse a POST when the application does', async () => {
      expect(await site.call('/', { upload: 10 })).toMatchObject({ status: 401, complete: true });
    });
  });
});

describe('docs/recipes/nginx.md: Mirrored requests', () => {
  describeEverySite(page.under('Mirrored requests'), (site) => {
    it('should copy a POST without its body', async () => {
      const copied = new Promise<string>((resolve) => {
        site.app.handler = (request) => {
          if (request.path.startsWith('/mirror/')) resolve(`${request.path} ${request.contentLength}`);
          return answerDigest(request);
        };
      });
      const reply = await site.call('/order', { upload: 1000 });
      expect(JSON.parse(reply.text)).toMatchObject({ bytes: 1000 });
      expect(await copied).toBe('/mirror/order 0');
    });
  });
});

describe('docs/recipes/nginx.md: Error pages', () => {
  describeEverySite(page.under('Error pages'), (site) => {
    it.each([
      ['a 404 of the application', 404, { upload: 10 }],
      ['a 413 of nginx', 413, { upload: 2 * MIB }],
    ])('should render %s', async (_, status, options) => {
      const reply = await site.call('/', options);
      expect(reply).toMatchObject({ status, complete: true, text: `Sorry: ${status}\n` });
    });
  });
});

describe('docs/recipes/nginx.md: Static files and compression', () => {
  describeEverySite(page.under('Static files and compression'), (site) => {
    it('should send a file itself, and pass on what is none', async () => {
      await writeFile(join(site.folder, 'style.css'), 'a{}');
      site.app.handler = ({ method, path, query }) => of({ body: `${method} ${path} ${query}` });
      expect(await site.call('/style.css')).toMatchObject({ status: 200, text: 'a{}' });
      expect(await site.call('/a%2Fb?c')).toMatchObject({ status: 200, text: 'GET /a%2Fb c' });
      expect(await site.call('/', { upload: 3 })).toMatchObject({ status: 200, text: 'POST / ' });
    });

    it('should compress JSON for a client that takes gzip', async () => {
      const value = 'x'.repeat(5000);
      site.app.handler = () => of(json(value));
      const plain = await site.call('/');
      expect(plain).toMatchObject({ complete: true, text: JSON.stringify(value) });
      const small = await site.call('/', { headers: { 'Accept-Encoding': 'gzip' } });
      expect(small).toMatchObject({ complete: true, headers: { 'content-encoding': 'gzip' } });
      expect(small.headers['content-length']).toBeUndefined();
      expect(small.bytes).toBeLessThan(500);
    });
  });
});

describe('docs/recipes/nginx.md: Files', () => {
  describeEverySite(page.under('Files'), (site) => {
    it('should send the file, whole and in part', async () => {
      await writeFile(join(site.folder, 'report.txt'), 'all of the report');
      const reply = await site.call('/');
      expect(reply).toMatchObject({ status: 200, complete: true, text: 'all of the report' });
      expect(reply.headers['content-type']).toBe('text/plain');
      const part = await site.call('/', { headers: { Range: 'bytes=0-2' } });
      expect(part).toMatchObject({ status: 206, text: 'all' });
    });
  });
});

describe('docs/recipes/nginx.md: From the command', () => {
  describeEverySite(page.under('From the command', { app: { mount: '/app' } }), (site) => {
    it('should forward what is below the mount', async () => {
      site.app.handler = ({ path }) => of({ body: path });
      expect(await site.call('/app/x')).toMatchObject({ status: 200, text: '/x' });
    });
  });
});

describe('docs/recipes/nginx.md', () => {
  it('should have no configuration that is not run here', () => {
    expect(page.unused).toEqual([]);
  });
});
