/** Large responses through real web servers: complete, streamed, or cut short by the handler. */
import { concat, from, of, Subject, take } from 'rxjs';
import type { ScgiResponse } from '../../../lib/index.js';
import { apache } from '../../helpers/peers/web-servers/apache.js';
import { describeEverySite, type Site } from '../../helpers/peers/web-servers/every-site.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import { readReply, wholePattern, type Reply } from '../../helpers/peers/clients/http-client.js';
import { lighttpd } from '../../helpers/peers/web-servers/lighttpd.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import type { Peer } from '../../helpers/peers/web-servers/peer.js';
import { MIB, pattern } from '../../helpers/peers/clients/pattern.js';

const LARGE = 50 * MIB;

const OUT_OF_CHEESE = new Error('out of cheese');

const streamed = { directives: (peer: Peer) => peer.responseDirectives };

describe('downloads', () => {
  describeEverySite({}, (site) => {
    it('should carry 50 MiB of unknown length', async () => {
      site.app.handler = () => of({ body: pattern(LARGE) });
      const reply = await site.call('/');
      expect(reply).toMatchObject(wholePattern(LARGE));
    });

    it('should carry 50 MiB with a Content-Length', async () => {
      site.app.handler = () => of({ headers: { 'Content-Length': String(LARGE) }, body: pattern(LARGE) });
      const reply = await site.call('/');
      expect(reply).toMatchObject(wholePattern(LARGE));
    });
  });
});

describe('downloads that are passed on as they come', () => {
  describeEverySite(streamed, (site) => {
    it('should carry 50 MiB and the Content-Length', async () => {
      site.app.handler = () => of({ headers: { 'Content-Length': String(LARGE) }, body: pattern(LARGE) });
      const reply = await site.call('/');
      expect(reply).toMatchObject(wholePattern(LARGE));
      expect(reply.headers['content-length']).toBe(String(LARGE));
    });

    it('should carry each event before the next one is made', async () => {
      const later = new Subject<string>();
      site.app.handler = () => {
        const body = concat(of('data: 1\n\n'), later.pipe(take(1)));
        return of({ headers: { 'Content-Type': 'text/event-stream' }, body });
      };
      const response = await site.openCall('/').response;
      const chunks = response[Symbol.asyncIterator]();
      expect(String((await chunks.next()).value)).toBe('data: 1\n\n');
      later.next('data: 2\n\n');
      expect(String((await chunks.next()).value)).toBe('data: 2\n\n');
      expect((await chunks.next()).done).toBe(true);
    });

    it('should not look complete when the handler fails before the Content-Length is reached', async () => {
      site.app.handler = () => of(failingWithLength());
      await expectCut(site);
    });
  });
});

// A Unix socket cannot be reset, so that only a Content-Length shows the cut there.
describe('downloads of unknown length that fail', () => {
  describeEverySite({ ...streamed, transports: ['TCP'] }, (site) => {
    it('should not look complete when the handler fails after 1 MiB', async () => {
      const begun = new Subject<never>();
      site.app.handler = () => of({ body: concat(from(pattern(MIB)), begun) });
      const failure = site.app.next('failure');
      const response = await site.openCall('/').response;
      begun.error(OUT_OF_CHEESE);
      expectCutReply(await readReply(response));
      expect((await failure).error).toBe(OUT_OF_CHEESE);
    });
  });
});

const FAILING_BODIES: [string, () => ScgiResponse][] = [
  ['generator throws', () => ({ body: failAfter(MIB) })],
  ['Observable errors', () => ({ body: from(failAfter(MIB)) })],
];

describe('downloads that fail at once, with default configurations', () => {
  describeEverySite({ peers: [nginx, apache, ownGateway], transports: ['TCP'] }, (site) => {
    it.each(FAILING_BODIES)('should not look complete when the %s after 1 MiB', async (_, make) => {
      site.app.handler = () => of(make());
      await expectCut(site);
    });
  });

  // lighttpd sends nothing before it has everything. When the connection breaks, it counts the part that it has and sends that.
  describeEverySite({ peers: [lighttpd], transports: ['TCP'] }, (site) => {
    it.each(FAILING_BODIES)(
      'should look complete when the %s after 1 MiB, and lighttpd collects the response',
      async (_, make) => {
        site.app.handler = () => of(make());
        const { headers, bytes } = await expectLooksComplete(site);
        expect(headers['content-length']).toBe(String(bytes));
      },
    );
  });

  // Without a reset, their end looks like that of a complete response.
  describeEverySite({ transports: ['Unix'] }, (site) => {
    it.each(FAILING_BODIES)('should look complete when the %s after 1 MiB', async (_, make) => {
      site.app.handler = () => of(make());
      await expectLooksComplete(site);
    });
  });

  describeEverySite({ transports: ['TCP'] }, (site) => {
    it('should not look complete when the Content-Length is not reached', async () => {
      site.app.handler = () => of(failingWithLength());
      await expectCut(site);
    });
  });
});

async function expectCut(site: Site): Promise<void> {
  const failure = site.app.next('failure');
  expectCutReply(await site.call('/'));
  expect((await failure).error).toBe(OUT_OF_CHEESE);
}

/** Pins the limits that docs/background/web-servers.md describes. */
async function expectLooksComplete(site: Site): Promise<Reply> {
  const failure = site.app.next('failure');
  const reply = await site.call('/');
  expect(reply).toMatchObject({ status: 200, complete: true });
  expect(reply.bytes).toBeLessThanOrEqual(MIB);
  expect((await failure).error).toBe(OUT_OF_CHEESE);
  return reply;
}

function expectCutReply({ status, complete, text }: Reply): void {
  expect(status === 200 && complete).toBe(false);
  expect(text).not.toMatch(/cheese/);
}

function failingWithLength(): ScgiResponse {
  return { headers: { 'Content-Length': String(2 * MIB) }, body: failAfter(MIB) };
}

function* failAfter(bytes: number): Generator<Uint8Array, void> {
  yield* pattern(bytes);
  throw OUT_OF_CHEESE;
}
