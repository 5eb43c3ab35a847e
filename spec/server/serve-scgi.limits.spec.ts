import { NEVER, Subject, map, of, take, type Observable } from 'rxjs';
import type { ScgiHandler, ScgiResponse } from '../../lib/index.js';
import { expectNoProcessFaults } from '../helpers/process-faults.js';
import { cleanUpSockets, type TestGateway } from '../helpers/sockets.js';
import { TestServer, letOthersGoOn } from '../helpers/test-server.js';

expectNoProcessFaults();
cleanUpSockets();

/** Answers a request when the test says so. */
class Gate {
  readonly seen: string[] = [];
  private readonly opened = new Subject<string>();

  readonly handler: ScgiHandler = ({ path }): Observable<ScgiResponse> => {
    this.seen.push(path);
    return this.opened.pipe(
      take(1),
      map(() => ({ body: path })),
    );
  };

  open(): void {
    this.opened.next('');
  }
}

const answerOf = async (gateway: TestGateway): Promise<string> => {
  const response = await gateway.response();
  gateway.end();
  return response.slice(response.indexOf('\r\n\r\n') + 4);
};

describe('the limits of serveScgi', () => {
  it('should let connections beyond maxConnections wait, unread, and take them in their order', async () => {
    const gate = new Gate();
    const server = new TestServer(gate.handler, { maxConnections: 1 });
    const first = await server.send({ uri: '/1' });
    await server.event('request');
    const second = await server.send({ uri: '/2' });
    const third = await server.send({ uri: '/3' });
    await letOthersGoOn(new TestServer(() => of({})));
    expect(gate.seen).toEqual(['/1']);
    gate.open();
    expect(await answerOf(first)).toBe('/1');
    await server.log.value((event) => event.type === 'request' && event.request.path === '/2');
    gate.open();
    expect(await answerOf(second)).toBe('/2');
    await server.log.value((event) => event.type === 'request' && event.request.path === '/3');
    gate.open();
    expect(await answerOf(third)).toBe('/3');
    expect(gate.seen).toEqual(['/1', '/2', '/3']);
  });

  it('should answer connections beyond maxWaiting with 503 and Retry-After, without reading them', async () => {
    const gate = new Gate();
    const server = new TestServer(gate.handler, { maxConnections: 1, maxWaiting: 1 });
    const first = await server.send({ uri: '/1' });
    await server.event('request');
    const second = await server.send({ uri: '/2' });
    const refused = await server.send({ uri: '/3', body: 'x'.repeat(100_000) });
    expect(await refused.response()).toBe(
      'Status: 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n' +
        'Content-Length: 20\r\n\r\nService Unavailable\n',
    );
    refused.end();
    expect(await server.event('failure')).toMatchObject({
      error: { code: 'ERR_SCGI_TOO_MANY_CONNECTIONS', limit: 2, actual: 3, status: 503 },
      request: undefined,
    });
    gate.open();
    expect(await answerOf(first)).toBe('/1');
    await server.log.value((event) => event.type === 'request' && event.request.path === '/2');
    gate.open();
    expect(await answerOf(second)).toBe('/2');
    expect(gate.seen).toEqual(['/1', '/2']);
  });

  it('should refuse at once with a maxWaiting of 0', async () => {
    const server = new TestServer(() => NEVER, { maxConnections: 1, maxWaiting: 0 });
    await server.send();
    await server.event('request');
    expect(await server.exchange()).toMatch(/^503 /);
  });

  it('should not report each connection of a flood', async () => {
    const server = new TestServer(() => NEVER, { maxConnections: 1, maxWaiting: 0 });
    await server.send();
    await server.event('request');
    const begun = performance.now();
    for (let count = 0; count < 10; count++) expect(await server.exchange()).toMatch(/^503 /);
    const seconds = Math.ceil((performance.now() - begun) / 1000);
    expect(server.types.filter((type) => type === 'failure').length).toBeLessThanOrEqual(seconds);
  });

  it('should free a place when a gateway goes away', async () => {
    const gate = new Gate();
    const server = new TestServer(gate.handler, { maxConnections: 1, maxWaiting: 1 });
    const first = await server.send({ uri: '/1' });
    await server.event('request');
    const second = await server.send({ uri: '/2' });
    first.socket.resetAndDestroy();
    await server.log.value((event) => event.type === 'request' && event.request.path === '/2');
    gate.open();
    expect(await answerOf(second)).toBe('/2');
  });

  it('should pass over those that went away while they waited', async () => {
    const gate = new Gate();
    const server = new TestServer(gate.handler, { maxConnections: 1, maxWaiting: 2 });
    const first = await server.send({ uri: '/1' });
    await server.event('request');
    const second = await server.connect();
    const third = await server.send({ uri: '/3' });
    second.socket.resetAndDestroy();
    gate.open();
    expect(await answerOf(first)).toBe('/1');
    await server.log.value((event) => event.type === 'request' && event.request.path === '/3');
    gate.open();
    expect(await answerOf(third)).toBe('/3');
    expect(gate.seen).toEqual(['/1', '/3']);
  });

  it('should give the places of waiting connections that were reset to others', async () => {
    const gate = new Gate();
    const server = new TestServer(gate.handler, { maxConnections: 1, maxWaiting: 3 });
    const first = await server.send({ uri: '/1' });
    await server.event('request');
    const dead = [await server.send({ uri: '/2' }), await server.send({ uri: '/3' }), await server.send()];
    await letOthersGoOn(new TestServer(() => of({})), 3);
    for (const gateway of dead) gateway.socket.resetAndDestroy();
    await letOthersGoOn(new TestServer(() => of({})), 3);
    const live = await server.send({ uri: '/live' });
    gate.open();
    expect(await answerOf(first)).toBe('/1');
    await server.log.value((event) => event.type === 'request' && event.request.path === '/live');
    gate.open();
    expect(await answerOf(live)).toBe('/live');
    expect(gate.seen).toEqual(['/1', '/live']);
  });

  it('should cut those that wait, too, when it is unsubscribed', async () => {
    const server = new TestServer(() => NEVER, { maxConnections: 1 });
    await server.send();
    await server.event('request');
    const waiting = await server.send();
    await letOthersGoOn(new TestServer(() => of({})), 3);
    server.log.unsubscribe();
    expect(await waiting.ending()).toBe('ECONNRESET');
  });
});
