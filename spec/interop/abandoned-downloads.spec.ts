/** Downloads whose client goes away midway, through real web servers: at their defaults, and passed on as they come. */
import { finalize, interval, map, type Observable, of, Subject, takeUntil, tap } from 'rxjs';
import { apache } from '../helpers/peers/apache.js';
import { describeEverySite, type Site } from '../helpers/peers/every-site.js';
import type { OpenCall } from '../helpers/peers/http-client.js';
import { lighttpd } from '../helpers/peers/lighttpd.js';
import { nginx } from '../helpers/peers/nginx.js';
import type { Peer } from '../helpers/peers/peer.js';
import { MIB } from '../helpers/peers/pattern.js';

const BLOCK = new Uint8Array(256 * 1024);
const CRUMB = new Uint8Array(1);

/** After so much, what is pushed comes in single bytes: some web servers keep it in files. */
const PUSHED = 32 * MIB;

/** When the client has so much, it leaves: more than sockets hold. */
const TAKEN = 16 * MIB;

jest.setTimeout(60_000);

/** A download that never ends by itself. */
class EndlessDownload {
  /** All but the single bytes has been pushed. */
  readonly pushedMost: Promise<void>;
  /** It is unsubscribed, or closed. */
  readonly left: Promise<void>;
  private reach!: () => void;
  private leave!: () => void;

  constructor() {
    this.pushedMost = new Promise((resolve) => (this.reach = resolve));
    this.left = new Promise((resolve) => (this.leave = resolve));
  }

  /** As an Observable. */
  pushed(): Observable<Uint8Array> {
    return interval(1).pipe(
      map((n) => (n * BLOCK.length < PUSHED ? BLOCK : CRUMB)),
      tap((chunk) => {
        if (chunk === CRUMB) this.reach();
      }),
      finalize(() => this.leave()),
    );
  }

  /** As a generator, as fast as the web server takes it. */
  *pulled(): Generator<Uint8Array, void> {
    try {
      for (;;) yield BLOCK;
    } finally {
      this.leave();
    }
  }
}

describe('downloads that the client abandons', () => {
  // However long a busy machine keeps the web server waiting.
  const app = { maxQueuedBytes: Infinity };

  describe('at the defaults', () => {
    describeEverySite({ peers: [nginx, apache], app }, specsOfLeaving);
    describeEverySite({ peers: [lighttpd], app }, specsOfCollecting);
  });

  describe('passed on as they come', () => {
    describeEverySite({ directives: (peer: Peer) => peer.responseDirectives, app }, specsOfLeaving);
  });

  function specsOfLeaving(site: Site): void {
    it('should be unsubscribed from where an Observable makes them', async () => {
      const download = new EndlessDownload();
      site.app.handler = () => of({ body: download.pushed() });
      await expectGone(site, download, await watch(site));
    });

    it('should have their generator closed', async () => {
      const download = new EndlessDownload();
      site.app.handler = () => of({ body: download.pulled() });
      await expectGone(site, download, await watch(site));
    });
  }

  // It sends nothing before it has all: to it, a client that has closed has only said that its request is complete.
  function specsOfCollecting(site: Site): void {
    it('should go on to their end', async () => {
      const download = new EndlessDownload();
      const end = new Subject<void>();
      const body = download.pushed().pipe(takeUntil(end));
      site.app.handler = ({ path }) => of({ body: path === '/' ? body : 'still there' });
      const client = start(site);
      await download.pushedMost;
      client.abandon();
      // What a web server of one process is told of first, it has seen to first.
      expect(await site.call('/other')).toMatchObject({ status: 200, text: 'still there' });
      expect(end.observed).toBe(true);
      const response = site.app.next('response');
      end.next();
      const { request, status, bytesOut } = await response;
      expect([request?.path, status]).toEqual(['/', 200]);
      expect(bytesOut).toBeGreaterThanOrEqual(PUSHED);
    });
  }
});

/** Sees a download end because its client leaves. */
async function expectGone({ app }: Site, { left }: EndlessDownload, client: OpenCall): Promise<void> {
  const failure = app.next('failure');
  client.abandon();
  await left;
  expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_GATEWAY_GONE' });
}

/** Takes a part of a download. */
async function watch(site: Site): Promise<OpenCall> {
  const client = start(site);
  const response = await client.response;
  expect(response.statusCode).toBe(200);
  response.on('error', () => undefined);
  let bytes = 0;
  await new Promise<void>((resolve) => {
    response.on('data', (chunk: Buffer) => {
      if ((bytes += chunk.length) >= TAKEN) resolve();
    });
  });
  return client;
}

function start(site: Site): OpenCall {
  const client = site.openCall('/');
  // Where the client goes away before the head comes, there is no response.
  client.response.catch(() => undefined);
  return client;
}
