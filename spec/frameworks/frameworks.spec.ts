/**
 * Applications of the frameworks in package.json beside this file (`npm ci --prefix spec/frameworks`), each run by `rxscgi serve` behind nginx.
 *
 * Marble.js 4 has no multipart parser (@marblejs/middleware-multipart stops at 3 and RxJS 6), and knows no ranges.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireBuild } from '../helpers/command/build.js';
import { describeWith } from '../helpers/describe-with.js';
import { call, openCall, wholePattern, type Call, type Reply } from '../helpers/peers/clients/http-client.js';
import { nginx } from '../helpers/peers/web-servers/nginx.js';
import { pattern, patternDigest } from '../helpers/peers/clients/pattern.js';
import type { Gateway } from '../helpers/peers/web-servers/peer.js';
import { addressIn, spawnServe } from '../helpers/command/serve-process.js';

const MODULES = join(__dirname, 'node_modules');
const UPLOAD_BYTES = 20_000_000;
const MEGABYTE = 1_000_000;

/** Package and module of each framework, and what it cannot do by itself. */
const FRAMEWORKS: Record<string, { package: string; app: string; lacks?: readonly string[] }> = {
  'Express 5': { package: 'express', app: 'express.mjs' },
  'Fastify 5': { package: 'fastify', app: 'fastify.mjs' },
  'Koa 3': { package: 'koa', app: 'koa.mjs' },
  'NestJS 12': { package: '@nestjs/core', app: 'nestjs.mjs' },
  'Hono 4': { package: 'hono', app: 'hono.mjs' },
  'Marble.js 4': { package: '@marblejs/core', app: 'marble.mjs', lacks: ['multipart', 'files'] },
};

describe.each(Object.entries(FRAMEWORKS))('%s', (_name, { package: required, app, lacks = [] }) => {
  if (!existsSync(join(MODULES, required)) && process.env.RXSCGI_PEERS !== 'required') {
    const title = `should run behind nginx (not installed: npm ci --prefix spec/frameworks)`;
    process.stderr.write(`skipped, since it is not installed (npm ci --prefix spec/frameworks): ${app}\n`);
    it.skip(title, () => undefined);
    return;
  }
  describeWith(['nginx'], 'behind nginx', () => {
    let child: ChildProcess;
    let gateway: Gateway;

    beforeAll(async () => {
      requireBuild();
      child = spawnServe(join(__dirname, 'apps', app));
      const target = await addressIn(child);
      gateway = await nginx.start({ target, directives: ['scgi_buffering off;'] });
    });
    afterAll(async () => {
      await gateway?.stop();
      child?.kill('SIGKILL');
    });

    const ask = (path: string, options?: Call): Promise<Reply> => call(gateway.url + path, options);
    const json = async (path: string, options?: Call): Promise<unknown> => {
      const { status, text } = await ask(path, options);
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(300);
      return JSON.parse(Buffer.from(text, 'latin1').toString());
    };
    const post = (type: string, body: string | Uint8Array): Call => ({
      method: 'POST',
      headers: { 'Content-Type': type },
      body: Buffer.from(body),
    });
    const state = () => json('/state') as Promise<{ produced: number; left: number }>;
    const unlessLacking = (what: string) => (title: string, test: () => Promise<void>) => {
      if (!lacks.includes(what)) it(title, test);
    };

    it('should read and write JSON', async () => {
      const value = { text: 'h\u00e4', list: [1, 2] };
      expect(await json('/json', post('application/json', JSON.stringify(value)))).toEqual(value);
    });

    it('should read a form', async () => {
      const form = post('application/x-www-form-urlencoded', 'name=b+c&other=%26');
      expect(await json('/form', form)).toEqual({ name: 'b c', other: '&' });
    });

    unlessLacking('multipart')('should take an upload of 20 MB', async () => {
      const head = [
        ...['--limit', 'Content-Disposition: form-data; name="name"', '', 'a file', '--limit'],
        ...[
          'Content-Disposition: form-data; name="file"; filename="f.bin"',
          'Content-Type: application/octet-stream',
        ],
      ].join('\r\n');
      const body = Buffer.concat([
        Buffer.from(`${head}\r\n\r\n`),
        ...pattern(UPLOAD_BYTES),
        Buffer.from('\r\n--limit--\r\n'),
      ]);
      expect(await json('/upload', post('multipart/form-data; boundary=limit', body))).toEqual({
        name: 'a file',
        bytes: UPLOAD_BYTES,
        digest: patternDigest(UPLOAD_BYTES),
      });
    });

    it('should read and set cookies', async () => {
      const { headers, text } = await ask('/cookies', { headers: { Cookie: 'seen=yes; other=no' } });
      expect(text).toBe('yes');
      expect(headers['set-cookie']?.map((cookie) => cookie.split(';')[0])).toEqual(['a=1', 'b=2']);
    });

    it('should redirect', async () => {
      const { status, headers } = await ask('/moved');
      expect(status).toBe(302);
      expect(headers.location).toMatch(/\/hello$/);
    });

    it('should know its client', async () => {
      expect(await json('/client')).toEqual({ ip: '127.0.0.1', protocol: 'http', hostname: '127.0.0.1' });
    });

    unlessLacking('files')('should send a file, a range of it, and nothing that the client has', async () => {
      const whole = await ask('/static/digits.txt');
      expect(whole).toMatchObject({ status: 200, text: '0123456789' });
      const range = await ask('/static/digits.txt', { headers: { Range: 'bytes=2-4' } });
      expect(range).toMatchObject({ status: 206, text: '234' });
      expect(range.headers['content-range']).toBe('bytes 2-4/10');
      if (whole.headers.etag === undefined) return;
      const known = await ask('/static/digits.txt', { headers: { 'If-None-Match': whole.headers.etag } });
      expect(known).toMatchObject({ status: 304, bytes: 0, complete: true });
    });

    it('should send each event when it comes', async () => {
      const response = await openCall(`${gateway.url}/events`).response;
      expect(response.headers['content-type']).toMatch(/^text\/event-stream/);
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      for (const event of [1, 2, 3]) {
        while (!text.includes(`data: ${event}\n`)) await once(response, 'data');
        expect(text).not.toContain(`data: ${event + 1}`);
        if (event < 3) expect((await ask('/release')).status).toBeLessThan(300);
      }
      if (!response.readableEnded) await once(response, 'end');
      expect(response.complete).toBe(true);
    });

    it('should send a download of 20 MB', async () => {
      expect(await ask(`/download?bytes=${20 * MEGABYTE}`)).toMatchObject(wholePattern(20 * MEGABYTE));
    });

    it('should make a download no faster than its client reads, and end it when that leaves', async () => {
      const before = await state();
      const open = openCall(`${gateway.url}/endless`);
      const response = await open.response;
      const memory = peakMemory(child);
      let bytes = 0;
      const readTo = async (end: number): Promise<void> => {
        while (bytes < end) {
          const chunk = response.read() as Buffer | null;
          if (chunk === null) await once(response, 'readable');
          bytes += chunk?.length ?? 0;
        }
      };
      // A client of any speed is one that stops again and again. Each time the download must stop, too: what the systems
      // hold between the two is some megabytes. How fast it reads in between makes no difference, and needs no clock.
      let held = 0;
      let stalled = before;
      for (const end of [20, 25, 30].map((megabytes) => megabytes * MEGABYTE)) {
        await readTo(end);
        for (let produced = -1; produced !== stalled.produced; stalled = await state())
          ({ produced } = stalled);
        held = Math.max(held, stalled.produced - before.produced - bytes);
      }
      expect(held).toBeLessThan(180 * MEGABYTE);
      expect(peakMemory(child) - memory).toBeLessThan(100 * MEGABYTE);
      expect(stalled.left).toBe(before.left);
      open.abandon();
      while ((await state()).left === before.left);
    });

    if (app === 'nestjs.mjs') {
      it('should answer through an interceptor in RxJS', async () => {
        expect(await json('/intercepted')).toEqual({ a: 1, intercepted: true });
      });
    }

    it('should answer HEAD without a body', async () => {
      expect(await ask('/hello', { method: 'HEAD' })).toMatchObject({
        status: 200,
        bytes: 0,
        complete: true,
      });
      expect(await ask('/hello')).toMatchObject({ status: 200, text: 'hello' });
    });

    it('should answer what it does not have with 404', async () => {
      expect(await ask('/none')).toMatchObject({ status: 404, complete: true });
    });

    it('should answer what it throws with 500', async () => {
      const { status, text } = await ask('/throw');
      expect(status).toBe(500);
      expect(text).not.toContain('secret');
    });
  });
});

/** Bytes of memory that a process has had at most. */
function peakMemory({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
