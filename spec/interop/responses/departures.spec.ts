/** Clients that leave before their response, or within it, through real web servers at their defaults. */
import { Observable, concat, finalize, of } from 'rxjs';
import { describeEverySite, type Site } from '../../helpers/peers/web-servers/every-site.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';

/** A source that never ends, and tells when it is subscribed and when it is left. */
class Endless {
  readonly begun: Promise<void>;
  readonly left: Promise<void>;
  readonly source: Observable<never>;

  constructor() {
    let begin: () => void;
    let leave: () => void;
    this.begun = new Promise((resolve) => (begin = resolve));
    this.left = new Promise((resolve) => (leave = resolve));
    this.source = new Observable<never>(() => begin()).pipe(finalize(() => leave()));
  }
}

describe('clients that leave', () => {
  describeEverySite(
    { peers: [nginx, ownGateway], directives: ({ responseDirectives }) => responseDirectives },
    (site: Site) => {
      it('should have their handler unsubscribed before the head', async () => {
        const poll = new Endless();
        site.app.handler = () => poll.source;
        const failure = site.app.next('failure');
        const client = site.openCall('/poll');
        client.response.catch(() => undefined);
        await poll.begun;
        client.abandon();
        await poll.left;
        expect((await failure).error).toMatchObject({ code: 'ERR_SCGI_GATEWAY_GONE' });
      });

      it('should have their stream unsubscribed after the head, though nothing is written to it', async () => {
        const stream = new Endless();
        site.app.handler = () => of({ body: concat(of('begun'), stream.source) });
        const response = site.app.next('response');
        const client = site.openCall('/events');
        (await client.response).on('error', () => undefined);
        await stream.begun;
        client.abandon();
        await stream.left;
        expect(await response).toMatchObject({ status: 200, aborted: true });
      });
    },
  );

  describe('when all places are taken', () => {
    const places = { maxConnections: 10, maxWaiting: 20 };

    describeEverySite({ peers: [nginx, ownGateway], app: places }, (site: Site) => {
      it('should leave no place taken, be it handled or waiting', async () => {
        const polls: Endless[] = [];
        site.app.handler = ({ path }) => {
          if (path !== '/poll') return of({ body: 'live' });
          const poll = new Endless();
          polls.push(poll);
          return poll.source;
        };
        const clients = Array.from({ length: 30 }, () => site.openCall('/poll'));
        for (const { response } of clients) response.catch(() => undefined);
        // The web server has connected for all of them when the next is refused.
        while ((await site.call('/live')).status !== 503) continue;
        for (const client of clients) client.abandon();
        let status: number;
        do ({ status } = await site.call('/live'));
        while (status === 503);
        expect(status).toBe(200);
        await Promise.all(polls.map(({ left }) => left));
      });
    });
  });
});
