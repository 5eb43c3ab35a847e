/** Runs the recipes of docs/recipes/uploads.md: to disk, and as a form. The first also behind nginx. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEVER, concat, concatMap, delay, firstValueFrom, from, of } from 'rxjs';
import type { ScgiHandler } from '../../../lib/index.js';
import { callHandler, textOf, type TestRequest } from '../../../lib/testing/index.js';
import { describeWith } from '../../helpers/describe-with.js';
import { INSTALLED, recipe } from '../../helpers/docs/recipes.js';
import { describeEverySite } from '../../helpers/peers/web-servers/every-site.js';
import { readReply } from '../../helpers/peers/clients/http-client.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import { SitesOfPage } from '../../helpers/peers/web-servers/sites-of-page.js';

const HALF = Buffer.alloc(1_000_000, 'a');

/** Gives the disk a chance, until there are no more than so many files. */
async function untilFiles(count: number): Promise<void> {
  while (readdirSync(folder).length > count) await new Promise((resolve) => setTimeout(resolve, 2));
}

const folder = mkdtempSync(join(tmpdir(), 'rxscgi-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => readdirSync(folder).forEach((name) => rmSync(join(folder, name))));

describe('examples/recipes/upload.mjs', () => {
  const handler = recipe('upload.mjs', { UPLOADS: folder, MAX_BYTES: '1000000' });
  const put = (uri: string, body: string | Uint8Array) =>
    firstValueFrom(callHandler(handler, { method: 'PUT', uri, body }));

  it('should store files of up to the limit', async () => {
    expect(await put('/files/a.txt', HALF)).toMatchObject({ status: 201 });
    await put('/files/empty', '');
    expect(readdirSync(folder).sort()).toEqual(['a.txt', 'empty']);
    expect(HALF.equals(readFileSync(join(folder, 'a.txt')))).toBe(true);
  });

  it('should refuse one that announces more, before any of it has come', async () => {
    const request = { method: 'PUT', uri: '/files/a.txt', variables: { CONTENT_LENGTH: '1000001' } };
    const call = callHandler(handler, request, { send: (bytes) => concat([bytes], NEVER) });
    await expect(firstValueFrom(call)).rejects.toMatchObject({ status: 413 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    '/files/..%2Fevil',
    '/files/.hidden',
    '/files/',
    '/files/a%00',
    `/files/${'x'.repeat(101)}`,
    '/a',
  ])('should refuse the name in %s', async (uri) => {
    await expect(put(uri, 'x')).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    ['PUT', '/files/a/progress', 'GET'],
    ['GET', '/files/a', 'PUT'],
  ])('should not take %s %s', async (method, uri, allowed) => {
    await expect(firstValueFrom(callHandler(handler, { method, uri }))).rejects.toMatchObject({
      status: 405,
      headers: [['Allow', allowed]],
    });
  });

  it('should keep the file that is there when a new one does not come to its end', async () => {
    await put('/files/a.txt', 'old');
    const request = { method: 'PUT', uri: '/files/a.txt', body: 'new content' };
    const call = callHandler(handler, request, { send: (bytes) => from([bytes.subarray(0, -3)]) });
    await expect(firstValueFrom(call)).rejects.toMatchObject({ code: 'ERR_SCGI_PREMATURE_EOF' });
    await untilFiles(1);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('old');
  });

  it('should fail when the folder is not there', async () => {
    const lost = recipe('upload.mjs', { UPLOADS: join(folder, 'none') });
    const call = callHandler(lost, { method: 'PUT', uri: '/files/a', body: 'x' });
    await expect(firstValueFrom(call)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('should leave nothing when the client leaves while the file is being opened', async () => {
    const request = { method: 'PUT', uri: '/files/a', body: 'x'.repeat(100) };
    const send = (bytes: Uint8Array) => concat([bytes.subarray(0, -50)], NEVER);
    callHandler(handler, request, { send }).subscribe().unsubscribe();
    await put('/files/b', 'x');
    await untilFiles(1);
  });
});

describe('examples/recipes/upload.mjs behind a web server', () => {
  const handler = recipe('upload.mjs', { UPLOADS: folder }) as ScgiHandler;

  describeEverySite(
    new SitesOfPage('docs/recipes/nginx.md', nginx).under('Streamed uploads', { handler }),
    (site) => {
      const put = (name: string, length: number) =>
        httpRequest(site.url(`/files/${name}`), {
          method: 'PUT',
          headers: { 'Content-Length': length },
          agent: false,
        });
      const follow = async (name: string) =>
        (await site.openCall(`/files/${name}/progress`).response)[Symbol.asyncIterator]();

      it('should show the progress of an upload', async () => {
        const progress = await follow('a');
        let events = '';
        const upload = put('a', 2 * HALF.length);
        const response = once(upload, 'response') as Promise<[IncomingMessage]>;
        upload.write(HALF);
        while (!events.includes('event: progress')) events += String((await progress.next()).value);
        expect(events).not.toContain(`"bytes":${2 * HALF.length}`);
        upload.end(HALF);
        const reply = await readReply((await response)[0]);
        expect(reply).toMatchObject({ status: 201, text: `{"name":"a","bytes":${2 * HALF.length}}` });
        for (let next = await progress.next(); !next.done; next = await progress.next())
          events += String(next.value);
        const all = `{"name":"a","bytes":${2 * HALF.length},"total":${2 * HALF.length}}`;
        expect(events.endsWith(`event: stored\ndata: ${all}\n\n`)).toBe(true);
        expect(readFileSync(join(folder, 'a'), 'latin1')).toBe('a'.repeat(2 * HALF.length));
      });

      it('should leave nothing when the client leaves, and tell that', async () => {
        const failure = site.app.next('failure');
        const progress = await follow('b');
        const upload = put('b', 2 * HALF.length).on('error', () => undefined);
        upload.write(HALF);
        await progress.next();
        upload.destroy();
        await failure;
        await untilFiles(0);
        let events = '';
        for (let next = await progress.next(); !next.done; next = await progress.next())
          events += String(next.value);
        expect(events).toContain('event: failed\n');
      });
    },
  );
});

const ENV = { UPLOADS: folder, MAX_FILE_BYTES: '2000000' };
const BOUNDARY = 'xxBOUNDARYxx';

/** A part of a form: a field, or a file if it has a name. */
function part(name: string, content: string, filename?: string): string {
  const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: image/png`;
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`;
}

describeWith(INSTALLED, 'examples/recipes/multipart.mjs', () => {
  const handler = INSTALLED.length === 0 ? recipe('multipart.mjs', ENV) : () => ({});
  const typed = (type: string, body: string): TestRequest => ({
    method: 'POST',
    body,
    headers: { 'Content-Type': type },
  });
  const form = (...parts: string[]): TestRequest =>
    typed(`multipart/form-data; boundary=${BOUNDARY}`, `${parts.join('')}--${BOUNDARY}--\r\n`);
  const failure = (request: TestRequest) =>
    firstValueFrom(callHandler(handler, request)).then(
      ({ status }) => ({ status }),
      (error: unknown) => error,
    );

  it('should store files, and give fields in their order', async () => {
    const large = 'b'.repeat(300_000);
    const request = form(
      part('title', 'žluť'),
      part('photos', 'one', '../../evil.png'),
      part('photos', large, 'b.png'),
      part('title', 'again'),
    );
    const { status, body } = await firstValueFrom(callHandler(handler, request));
    expect(status).toBe(201);
    expect(JSON.parse(textOf(body))).toEqual({
      fields: [
        ['title', 'žluť'],
        ['title', 'again'],
      ],
      files: [
        { field: 'photos', filename: 'evil.png', mimeType: 'image/png', bytes: 3 },
        { field: 'photos', filename: 'b.png', mimeType: 'image/png', bytes: 300_000 },
      ],
    });
    const stored = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(stored.sort()).toEqual([large, 'one']);
  });

  it.each([
    ['a file that is too large', 413, form(part('f', 'x', 'small'), part('f', 'x'.repeat(2_000_001), 'f'))],
    ['too many files', 413, form(...Array.from({ length: 11 }, () => part('f', 'x', 'f')))],
    ['too many fields', 413, form(...Array.from({ length: 51 }, () => part('f', 'x')))],
    ['a field that is too long', 413, form(part('f', 'x'.repeat(10_001)))],
    ['a form without an end', 400, typed(`multipart/form-data; boundary=${BOUNDARY}`, part('f', 'x', 'f'))],
    ['no form', 415, typed('application/json', '{}')],
    ['a form without a boundary', 415, typed('multipart/form-data;', '')],
    ['an empty boundary', 415, typed('multipart/form-data; boundary=', '')],
  ] as const)('should refuse %s, and keep nothing', async (_what, status, request) => {
    expect(await failure(request)).toMatchObject({ status });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('should fail as the disk does', async () => {
    writeFileSync(join(folder, 'file'), '');
    const full = recipe('multipart.mjs', { UPLOADS: join(folder, 'file') });
    const call = firstValueFrom(callHandler(full, form(part('f', 'x'.repeat(100_000), 'f'))));
    await expect(call).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('should keep nothing when the client leaves', async () => {
    const request = form(part('f', 'x'.repeat(1_000_000), 'f'));
    const send = (bytes: Uint8Array) =>
      from([bytes.subarray(0, 500_000), bytes.subarray(500_000, 900_000)]).pipe(
        concatMap((chunk) => of(chunk).pipe(delay(1))),
      );
    await expect(firstValueFrom(callHandler(handler, request, { send }))).rejects.toMatchObject({
      code: 'ERR_SCGI_PREMATURE_EOF',
    });
    await untilFiles(0);
  });

  it('should show the form', async () => {
    const { body } = await firstValueFrom(callHandler(handler));
    expect(textOf(body)).toContain('enctype="multipart/form-data"');
  });
});
