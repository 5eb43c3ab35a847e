/** Responses that begin before the upload has ended, through real web servers: no response is lost, and nothing deadlocks. */
import { lastValueFrom, map, of, reduce, type Observable } from 'rxjs';
import type { ScgiHandler } from '../../../lib/index.js';
import { apache } from '../../helpers/peers/web-servers/apache.js';
import { describeEverySite, type Site } from '../../helpers/peers/web-servers/every-site.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import { wholePattern } from '../../helpers/peers/clients/http-client.js';
import { lighttpd } from '../../helpers/peers/web-servers/lighttpd.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import type { Peer } from '../../helpers/peers/web-servers/peer.js';
import { MIB, pattern } from '../../helpers/peers/clients/pattern.js';

const LARGE = 20 * MIB;

/** Half of `maxQueuedBytes`: beyond it, the input of a gateway that sends everything before it reads is paused. */
const QUEUEABLE = 8 * MIB;

/** Less than the system buffers for a connection, in both directions together. */
const SOCKETFUL = 256 * 1024;

/** `request.body.pipe(…)` pushes, so that it queues. `request.body` itself is pulled, and does not queue. */
const derivedEcho: ScgiHandler = ({ body }) => of({ body: body.pipe(map((chunk) => chunk)) });
const pulledEcho: ScgiHandler = ({ body }) => of({ body });

describe('uploads that the handler does not read', () => {
  describe('with default configurations', () => {
    describeEverySite({}, specsOfUnread);
  });

  describe('passed on as they come', () => {
    const directives = (peer: Peer) => peer.requestDirectives;
    describeEverySite(
      { peers: [nginx, lighttpd], directives, app: { lenientContentLength: true } },
      specsOfUnread,
    );
  });

  function specsOfUnread(site: Site): void {
    it('should be answered ten times out of ten', async () => {
      site.app.respond({ status: 403, body: 'not for you' });
      for (let turn = 1; turn <= 10; turn++) {
        const reply = await site.call('/', { upload: LARGE });
        expect({ turn, ...reply }).toMatchObject({ turn, status: 403, complete: true, text: 'not for you' });
      }
    });

    it('should not stop a response of the same size', async () => {
      site.app.handler = () => of({ body: pattern(LARGE) });
      const reply = await site.call('/', { upload: LARGE });
      expect(reply).toMatchObject(wholePattern(LARGE));
    });
  }
});

describe('uploads that are answered while they are read', () => {
  describeEverySite({ peers: [apache, lighttpd, ownGateway] }, (site) => {
    it('should come back complete up to half of maxQueuedBytes', async () => {
      site.app.handler = derivedEcho;
      const reply = await site.call('/', { upload: QUEUEABLE });
      expect(reply).toMatchObject(wholePattern(QUEUEABLE));
    });

    it('should come back complete up to what the sockets hold, where nothing queues', async () => {
      site.app.handler = pulledEcho;
      const reply = await site.call('/', { upload: SOCKETFUL });
      expect(reply).toMatchObject(wholePattern(SOCKETFUL));
    });

    it('should not stop a response of the same size from another source', async () => {
      site.app.handler = ({ body }) => of({ body: patternDuring(body) });
      const reply = await site.call('/', { upload: LARGE });
      expect(reply).toMatchObject(wholePattern(LARGE));
    });
  });

  describe('with maxQueuedBytes of twice their size', () => {
    describeEverySite(
      { peers: [apache, lighttpd, ownGateway], app: { maxQueuedBytes: 2 * LARGE } },
      (site) => {
        it('should come back complete at any size', async () => {
          site.app.handler = derivedEcho;
          const reply = await site.call('/', { upload: LARGE });
          expect(reply).toMatchObject(wholePattern(LARGE));
        });
      },
    );
  });
});

// Our own gateway is never in this position: see the last suite, which it passes.
describe('uploads whose gateway waits for the application, which waits for the gateway', () => {
  // Apache reads nothing before it has sent everything.
  describeEverySite({ peers: [apache], app: { sendTimeoutMs: 1000 } }, (site) => {
    it.each([
      ['pulled', pulledEcho],
      ['derived', derivedEcho],
    ])('should end with sendTimeoutMs when the body of the response is %s', async (_, echo) => {
      site.app.handler = echo;
      const failure = site.app.next('failure');
      const reply = await site.call('/', { upload: LARGE });
      expect(reply).toMatchObject({ status: 503, complete: true });
      expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_SEND_TIMEOUT' });
    });
  });

  // nginx sends no more of the upload once it has passed on the head of the response.
  describeEverySite({ peers: [nginx], transports: ['TCP'], app: { bodyTimeoutMs: 1000 } }, (site) => {
    it('should end with bodyTimeoutMs', async () => {
      site.app.handler = pulledEcho;
      const failure = site.app.next('failure');
      const reply = await site.call('/', { upload: LARGE });
      expect(reply.complete).toBe(false);
      expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_BODY_TIMEOUT' });
    });
  });
});

describe('uploads that are answered chunk by chunk, both passed on as they come', () => {
  const directives = () => [...lighttpd.requestDirectives, ...lighttpd.responseDirectives];
  describeEverySite({ peers: [lighttpd, ownGateway], directives }, (site) => {
    it('should come back complete', async () => {
      site.app.handler = pulledEcho;
      const reply = await site.call('/', { upload: LARGE });
      expect(reply).toMatchObject(wholePattern(LARGE));
    });
  });
});

/** A response of the size of the upload, which ends when the whole upload has been read. */
async function* patternDuring(body: Observable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const taken = lastValueFrom(body.pipe(reduce((bytes, { length }) => bytes + length, 0)));
  yield* pattern(LARGE);
  if ((await taken) !== LARGE) throw new Error('bytes were lost');
}
