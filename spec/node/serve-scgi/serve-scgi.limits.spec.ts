import { Subject, map, of, take, type Observable } from 'rxjs';
import type { ScgiHandler, ScgiResponse } from '../../../lib/index.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { cleanUpSockets, type TestGateway } from '../../helpers/sockets/sockets.js';
import { TestServer, letOthersGoOn } from '../../helpers/sockets/test-server.js';

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

  it('should free the places of waiting connections that were reset', async () => {
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
});
