import { EMPTY, Subject, of, takeUntil, tap } from 'rxjs';
import type { ScgiHandler } from '../../../lib/index.js';
import { serveScgi, type ServeOptions } from '../../../lib/node/index.js';
import { IdleTimer } from '../../../lib/operators/exchange/idle-timer.js';
import { requestBytes } from '../../../lib/testing/index.js';
import { exchange } from '../../helpers/sockets/exchange.js';
import { Log } from '../../helpers/sockets/log.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { TestServer } from '../../helpers/sockets/test-server.js';

/** More than the system takes from a gateway that does not read. */
const BYTES = 32 * 1024 * 1024;
const bulky: ScgiHandler = () => of({ body: of(new Uint8Array(BYTES)) });

expectNoProcessFaults();
cleanUpSockets();

describe('the response event of serveScgi, for a gateway that does not read', () => {
  it('should be emitted when the system has taken the response, not when it was written', async () => {
    const { server, gateway } = await unread();
    expect(server.types).toEqual(['listening', 'request']);
    gateway.socket.resume();
    expect((await server.event('response')).bytesOut).toBeGreaterThan(BYTES);
    await gateway.response();
    gateway.end();
    server.until.next();
    await server.log.over();
    expect(server.types.filter((type) => type !== 'draining')).toEqual([
      'listening',
      'request',
      'response',
      'closed',
    ]);
  });

  it('should be marked as aborted, and be no failure, when the gateway leaves', async () => {
    const { server, gateway } = await unread();
    gateway.socket.resetAndDestroy();
    expect(await server.event('response')).toMatchObject({ status: 200, aborted: true });
    server.until.next();
    await server.log.over();
    expect(server.types).toEqual(['listening', 'request', 'response', 'draining', 'closed']);
  });
});

it('should start no timer for a connection that is closed within its response event', async () => {
  const start = jest.spyOn(IdleTimer.prototype, 'start');
  const told = new Subject<void>();
  let before = 0;
  const events = serveScgi(() => of({ body: 'hello' }), { listen: '127.0.0.1:0', until: EMPTY }).pipe(
    tap(({ type }) => {
      if (type !== 'response') return;
      before = start.mock.calls.length;
      told.next();
    }),
    takeUntil(told),
  );
  const log = new Log(events);
  const { address } = await log.value((event) => event.type === 'listening');
  await exchange(address);
  expect(await log.over()).toBe('complete');
  expect(before).toBeGreaterThan(0);
  expect(start.mock.calls).toHaveLength(before);
  start.mockRestore();
});

/** A server whose response waits. */
async function unread(options?: Partial<ServeOptions>) {
  const server = new TestServer(bulky, options);
  const gateway = await server.connect();
  gateway.socket.pause();
  gateway.write(requestBytes());
  await server.event('request');
  return { server, gateway };
}
