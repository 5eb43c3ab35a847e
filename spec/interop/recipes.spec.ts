/** Runs the upload of docs/recipes/programs.md behind nginx, as docs/recipes/nginx.md configures it for streamed uploads. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScgiHandler } from '../../lib/index.js';
import { recipe } from '../helpers/docs/recipes.js';
import { describeEverySite } from '../helpers/peers/every-site.js';
import { readReply } from '../helpers/peers/http-client.js';
import { nginx } from '../helpers/peers/nginx.js';
import { SitesOfPage } from '../helpers/peers/sites-of-page.js';

const HALF = Buffer.alloc(1_000_000, 'a');

jest.setTimeout(30_000);

describe('docs/recipes/programs.md: an upload', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
  const handler = recipe(1, { UPLOADS: folder }) as ScgiHandler;
  afterAll(() => rmSync(folder, { recursive: true }));

  describeEverySite(
    new SitesOfPage('docs/recipes/nginx.md', nginx).under('Streamed uploads', { handler }),
    (site) => {
      const put = (id: string, length: number) =>
        httpRequest(site.url(`/upload?id=${id}`), {
          method: 'PUT',
          headers: { 'Content-Length': length },
          agent: false,
        });

      it('should show its progress, and be on the disk at its end', async () => {
        const progress = (await site.openCall('/progress?id=a').response)[Symbol.asyncIterator]();
        let events = '';
        const upload = put('a', 2 * HALF.length);
        const response = once(upload, 'response') as Promise<[IncomingMessage]>;
        upload.write(HALF);
        while (!events.includes('event: progress')) events += String((await progress.next()).value);
        expect(events).not.toContain(`"bytes":${2 * HALF.length}`);
        upload.end(HALF);
        const reply = await readReply((await response)[0]);
        expect(reply).toMatchObject({ status: 201, text: `{"id":"a","bytes":${2 * HALF.length}}` });
        for (let next = await progress.next(); !next.done; next = await progress.next())
          events += String(next.value);
        expect(events).toContain(`{"id":"a","bytes":${2 * HALF.length},"total":${2 * HALF.length}}`);
        expect(readFileSync(join(folder, 'a'), 'latin1')).toBe('a'.repeat(2 * HALF.length));
      });

      it('should leave nothing when the client leaves', async () => {
        const failure = site.app.next('failure');
        const upload = put('b', 2 * HALF.length).on('error', () => undefined);
        const progress = (await site.openCall('/progress?id=b').response)[Symbol.asyncIterator]();
        upload.write(HALF);
        await progress.next();
        upload.destroy();
        await failure;
        while (readdirSync(folder).some((name) => name.startsWith('b'))) await new Promise(setImmediate);
      });

      it('should be refused when it has no proper name', async () => {
        const reply = await site.call('/upload?id=..%2Fevil', { method: 'PUT', body: HALF });
        expect(reply).toMatchObject({ status: 400, text: 'id: letters, digits, _ and -\n' });
        expect((await site.call('/nowhere?id=c')).status).toBe(404);
      });
    },
  );
});
