/** Clients that leave in the middle of a download, behind real web servers. departures.spec.ts is about silent responses. */
import { type Observable, Subject, finalize, interval, map, of, takeUntil, tap } from 'rxjs';
import { apache } from '../../helpers/peers/web-servers/apache.js';
import { describeEverySite, type Site } from '../../helpers/peers/web-servers/every-site.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import type { OpenCall } from '../../helpers/peers/clients/http-client.js';
import { lighttpd } from '../../helpers/peers/web-servers/lighttpd.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import type { Peer } from '../../helpers/peers/web-servers/peer.js';
import { MIB } from '../../helpers/peers/clients/pattern.js';

const BLOCK = new Uint8Array(256 * 1024);
const CRUMB = new Uint8Array(1);

/** After this many bytes, a pushed download goes on in single bytes: some web servers keep it in files. */
const PUSHED = 32 * MIB;

/** The client leaves when it has this many bytes, which is more than sockets hold. */
const TAKEN = 16 * MIB;

/** A download that never ends by itself. */
class EndlessDownload {
  /** Resolves when everything but the single bytes has been pushed. */
  readonly pushedMost: Promise<void>;
  /** Resolves when it is unsubscribed, or closed. */
  readonly left: Promise<void>;
  private reach!: () => void;
  private leave!: () => void;

  constructor() {
    this.pushedMost = new Promise((resolve) => (this.reach = resolve));
    this.left = new Promise((resolve) => (this.leave = resolve));
  }

  /** The download as an Observable. */
  pushed(): Observable<Uint8Array> {
    return interval(1).pipe(
      map((n) => (n * BLOCK.length < PUSHED ? BLOCK : CRUMB)),
      tap((chunk) => {
        if (chunk === CRUMB) this.reach();
      }),
      finalize(() => this.leave()),
    );
  }

  /** The download as a generator, which runs as fast as the web server reads. */
  *pulled(): Generator<Uint8Array, void> {
    try {
      for (;;) yield BLOCK;
    } finally {
      this.leave();
    }
  }
}

describe('downloads that the client abandons', () => {
  // A busy machine can keep the web server waiting for any time.
  const app = { maxQueuedBytes: Infinity };

  describe('with default configurations', () => {
    describeEverySite({ peers: [nginx, apache, ownGateway], app }, specsOfLeaving);
    describeEverySite({ peers: [lighttpd], app }, specsOfCollecting);
  });

  describe('passed on as they come', () => {
    describeEverySite({ directives: (peer: Peer) => peer.responseDirectives, app }, specsOfLeaving);
  });

  function specsOfLeaving(site: Site): void {
    it('should be unsubscribed when they are Observables', async () => {
      const download = new EndlessDownload();
      site.app.handler = () => of({ body: download.pushed() });
      await expectGone(site, download, await watch(site));
    });

    it('should be closed when they are generators', async () => {
      const download = new EndlessDownload();
      site.app.handler = () => of({ body: download.pulled() });
      await expectGone(site, download, await watch(site));
    });
  }

  // lighttpd sends nothing before it has everything. To it, a client that has closed has only ended its request.
  function specsOfCollecting(site: Site): void {
    it('should run to their end', async () => {
      const download = new EndlessDownload();
      const end = new Subject<void>();
      const body = download.pushed().pipe(takeUntil(end));
      site.app.handler = ({ path }) => of({ body: path === '/' ? body : 'still there' });
      const client = start(site);
      await download.pushedMost;
      client.abandon();
      // A web server of one process handles the client's end before this request.
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

/** Expects a download to end because its client leaves. */
async function expectGone({ app }: Site, { left }: EndlessDownload, client: OpenCall): Promise<void> {
  const response = app.next('response');
  client.abandon();
  await left;
  expect(await response).toMatchObject({ status: 200, aborted: true });
}

/** Reads a part of a download. */
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
  // A client that leaves before the head gets no response.
  client.response.catch(() => undefined);
  return client;
}
