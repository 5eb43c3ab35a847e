/** A fetch application behind nginx: streams both ways, fields, and a client that leaves. */
import { once } from 'node:events';
import { fromFetch } from '../../lib/index.js';
import { deferred } from '../helpers/deferred.js';
import { describeEverySite } from '../helpers/peers/web-servers/every-site.js';
import { wholePattern } from '../helpers/peers/clients/http-client.js';
import { nginx } from '../helpers/peers/web-servers/nginx.js';
import { ownGateway } from '../helpers/peers/web-servers/own-gateway.js';
import { pattern } from '../helpers/peers/clients/pattern.js';

let left = deferred<undefined>();

const routes: Record<string, (request: Request) => Response | Promise<Response>> = {
  '/count': async ({ body }) => {
    let bytes = 0;
    for await (const chunk of body!) bytes += chunk.length;
    return new Response(String(bytes));
  },
  '/download': () => {
    const chunks = pattern(20_000_000);
    return new Response(
      new ReadableStream<Uint8Array>({
        pull: (out) => {
          const { done, value } = chunks.next();
          if (done) out.close();
          else out.enqueue(value);
        },
      }),
    );
  },
  '/form': async (request) => Response.json(Object.fromEntries(await request.formData())),
  '/url': ({ url }) => new Response(url),
  '/cookies': () =>
    new Response(null, {
      headers: [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['Connection', 'close'],
      ],
    }),
  '/moved': ({ url }) => Response.redirect(new URL('/new', url), 307),
  '/wait': async ({ signal }) => {
    const forever = new ReadableStream<Uint8Array>({ start: (out) => out.enqueue(Buffer.from('begun\n')) });
    void once(signal, 'abort').then(() => left.resolve(undefined));
    return new Response(forever);
  },
};

const handler = fromFetch({
  fetch: (request) =>
    routes[new URL(request.url).pathname]?.(request) ?? new Response('none', { status: 404 }),
});

describe('fromFetch', () => {
  // With unbuffered requests, nginx sends the length twice.
  const app = { lenientContentLength: true };
  const directives = () => [...nginx.requestDirectives, ...nginx.responseDirectives];

  describeEverySite({ peers: [nginx, ownGateway], transports: ['TCP'], directives, handler, app }, (site) => {
    it('should stream 20 MB each way', async () => {
      expect(await site.call('/count', { upload: 20_000_000 })).toMatchObject({
        status: 200,
        text: '20000000',
      });
      expect(await site.call('/download')).toMatchObject(wholePattern(20_000_000));
    });

    it('should read forms', async () => {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '8' };
      expect(
        await site.call('/form', { method: 'POST', headers, body: Buffer.from('name=b+c') }),
      ).toMatchObject({
        status: 200,
        text: '{"name":"b c"}',
      });
    });

    it('should keep the host, whatever the path', async () => {
      // Debian's scgi_params leave the port out of HTTP_HOST.
      for (const target of ['//evil.example/../url?a', '//evil.example//..//url?a'])
        expect((await site.call('/', { target })).text).toMatch(/^http:\/\/127\.0\.0\.1(:\d+)?\/url\?a$/);
    });

    it('should send cookies and redirects, and answer HEAD and 404', async () => {
      expect((await site.call('/cookies')).headers['set-cookie']).toEqual(['a=1', 'b=2']);
      const moved = await site.call('/moved');
      expect(moved.status).toBe(307);
      expect(moved.headers.location).toMatch(/^http:\/\/127\.0\.0\.1(:\d+)?\/new$/);
      expect(await site.call('/url', { method: 'HEAD' })).toMatchObject({ status: 200, bytes: 0 });
      expect(await site.call('/none')).toMatchObject({ status: 404, text: 'none' });
    });

    it('should abort the signal when the client leaves', async () => {
      left = deferred();
      const open = site.openCall('/wait');
      await once(await open.response, 'data');
      open.abandon();
      await left.promise;
    });
  });
});
