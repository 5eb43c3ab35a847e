/** What a connection leaves behind. */
import { NEVER } from 'rxjs';
import type { IdleTimer } from '../../../lib/operators/exchange/idle-timer.js';
import { Connection } from '../../../lib/server/connection/connection.js';
import { verifyServerOptions } from '../../../lib/server/server-options.js';
import type { Transport } from '../../../lib/server/transport.js';

describe('Connection', () => {
  it('should leave no timer running when a FIN follows the end of its exchange', () => {
    const running = new Set<IdleTimer>();
    const keeper = {
      now: () => 0,
      start: (timer: IdleTimer) => running.add(timer),
      stop: (timer: IdleTimer) => running.delete(timer),
    };
    const nothing = (): void => undefined;
    const transport: Transport = {
      write: () => true,
      pauseReading: nothing,
      resumeReading: nothing,
      end: nothing,
      abort: nothing,
      destroy: nothing,
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
    const connection = new Connection(transport, () => NEVER, verifyServerOptions({}), keeper, owner);
    connection.begin();
    connection.abort();
    connection.state.ended();
    connection.state.closed();
    expect(running.size).toBe(0);
  });
});
