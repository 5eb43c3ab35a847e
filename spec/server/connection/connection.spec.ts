/** How a connection ends, and what it leaves behind. */
import { NEVER, of } from 'rxjs';
import type { IdleTimer } from '../../../lib/operators/exchange/idle-timer.js';
import type { AnyScgiHandler } from '../../../lib/operators/types.js';
import { Connection } from '../../../lib/server/connection/connection.js';
import { verifyServerOptions, type ServerOptions } from '../../../lib/server/server-options.js';
import type { Transport } from '../../../lib/server/transport.js';
import { requestBytes } from '../../../lib/testing/index.js';

const nothing = (): void => undefined;

/** A connection, the timers that run for it, and what its transport was told of the request at its end. */
function connect(
  handler: AnyScgiHandler,
  options: ServerOptions = {},
): {
  readonly connection: Connection;
  readonly running: ReadonlySet<IdleTimer>;
  readonly ends: readonly boolean[];
} {
  const running = new Set<IdleTimer>();
  const ends: boolean[] = [];
  let isClosing = false;
  const keeper = {
    now: () => 0,
    start: (timer: IdleTimer) => running.add(timer),
    stop: (timer: IdleTimer) => running.delete(timer),
  };
  const transport: Transport = {
    write: () => true,
    pauseReading: nothing,
    resumeReading: nothing,
    end(requestOver = false) {
      ends.push(requestOver);
      isClosing = requestOver;
    },
    abort: nothing,
    destroy: nothing,
    get isClosing() {
      return isClosing;
    },
    canAbort: true,
    bytesTaken: 0,
  };
  const owner = {
    draining: NEVER,
    emit: nothing,
    report: nothing,
    waitedTooLong: nothing,
    connectionClosed: nothing,
    guard: nothing,
  };
  const connection = new Connection(transport, handler, verifyServerOptions(options), keeper, owner);
  connection.begin();
  return { connection, running, ends };
}

describe('Connection', () => {
  it.each([
    ['a GET', { method: 'GET' }, true],
    ['a HEAD', { method: 'HEAD' }, true],
    ['a GET with a body', { method: 'GET', body: 'body' }, false],
    // nginx may announce less than it sends.
    ['a POST', { method: 'POST' }, false],
  ])(
    'should tell its transport at the end whether more of the request may come: %s',
    (_what, request, isOver) => {
      const { connection, ends } = connect(() => of({ body: '' }));
      connection.state.received(requestBytes(request));
      expect(ends).toEqual([isOver]);
    },
  );

  it.each([
    ['no timer when its transport has closed', 'GET', 0],
    ['the timers of the drain when its transport has not', 'POST', 2],
  ])('should start, at the end of a response, %s', (_what, method, timers) => {
    const { connection, running } = connect(() => of({ body: '' }), { bodyTotalTimeoutMs: 1000 });
    connection.state.received(requestBytes({ method }));
    expect(running.size).toBe(timers);
  });

  it('should leave no timer running when a FIN follows the end of its exchange', () => {
    const { connection, running } = connect(() => NEVER);
    connection.abort();
    connection.state.ended();
    connection.state.closed();
    expect(running.size).toBe(0);
  });
});
