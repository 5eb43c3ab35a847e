/** Server-sent events through nginx at its defaults, which buffers responses and closes idle ones, and through the gateway. */
import { Subject, filter, firstValueFrom, of, ReplaySubject } from 'rxjs';
import { serverSentEvents, type ScgiRequest } from '../../lib/index.js';
import { serveScgi, type ServerEvent } from '../../lib/node/index.js';
import { describeWith } from '../helpers/describe-with.js';
import { openCall } from '../helpers/peers/clients/http-client.js';
import { nginx } from '../helpers/peers/web-servers/nginx.js';
import { ownGateway } from '../helpers/peers/web-servers/own-gateway.js';
import type { Gateway, Peer } from '../helpers/peers/web-servers/peer.js';

for (const peer of [nginx, ownGateway])
  describeWith([peer.executable], `server-sent events behind ${peer.name}`, () => specs(peer));

function specs(peer: Peer): void {
  const until = new Subject<void>();
  const source = new Subject<string>();
  const requests: ScgiRequest[] = [];
  const events = new ReplaySubject<ServerEvent>(100);
  let gateway: Gateway;

  beforeAll(async () => {
    serveScgi(
      (request) => {
        requests.push(request);
        return of(serverSentEvents(source, { retryMs: 10, heartbeatMs: 100 }));
      },
      { listen: '127.0.0.1:0', until },
    ).subscribe(events);
    const listening = await firstValueFrom(events.pipe(filter(({ type }) => type === 'listening')));
    gateway = await peer.start({ target: (listening as { address: string }).address });
  });
  afterAll(() => gateway.stop());

  it('should arrive when they are emitted, and end when the server drains', async () => {
    const headers = { 'Last-Event-ID': Buffer.from('žluť 7').toString('latin1') };
    const response = await openCall(`${gateway.url}/events`, { headers }).response;
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    expect(requests[0]?.lastEventId).toBe('žluť 7');

    const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    let text = '';
    const received = async (end: string): Promise<void> => {
      while (!text.includes(end)) text += String((await chunks.next()).value);
    };
    await received('retry: 10\n\n');
    for (const event of ['one', 'two', 'three']) {
      // The next is emitted when this one has arrived: nothing on the way waits for more.
      source.next(event);
      await received(`data: ${event}\n\n`);
    }
    await received(':\n\n');

    const closed = firstValueFrom(events.pipe(filter(({ type }) => type === 'closed')));
    until.next();
    while (!(await chunks.next()).done);
    expect(response.complete).toBe(true);
    expect(source.observed).toBe(false);
    await closed;
  });
}
