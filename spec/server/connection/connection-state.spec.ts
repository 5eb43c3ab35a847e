import { NEVER } from 'rxjs';
import { ConnectionState } from '../../../lib/server/connection/connection-state.js';
import type { Transport } from '../../../lib/server/transport.js';
import { useSocket } from '../../../lib/system/sockets/socket-operators.js';
import { errorFacts } from '../../helpers/virtual-time/marbles.js';

const nothing = (): void => undefined;
const TRANSPORT: Transport = {
  canAbort: true,
  bytesTaken: 0,
  write: () => true,
  pauseReading: nothing,
  resumeReading: nothing,
  end: nothing,
  abort: nothing,
  destroy: nothing,
};

describe('the output of a socket', () => {
  it.each([
    { what: 'ask for the gateway at its FIN', tellsDeparture: undefined, asked: 1 },
    { what: 'not ask by a transport that cannot tell', tellsDeparture: false, asked: 0 },
  ])('should $what', ({ tellsDeparture, asked }) => {
    let writes = 0;
    const write = ({ length }: { readonly length: number }) => {
      if (length === 0) writes++;
      return true;
    };
    const state = new ConnectionState({ ...TRANSPORT, canAbort: false, write, tellsDeparture });
    const output = useSocket(
      state,
      (itself) => itself,
      () => NEVER,
      undefined,
    ).subscribe();
    state.ended();
    output.unsubscribe();
    expect(writes).toBe(asked);
  });
});

describe('ConnectionState', () => {
  it('should keep nothing of a writer that comes when it is over', () => {
    const state = new ConnectionState(TRANSPORT);
    state.closed();
    const log: unknown[] = [];
    useSocket(
      state,
      (itself) => itself,
      () => NEVER,
      undefined,
    ).subscribe({ error: (error: unknown) => log.push(errorFacts(error)) });
    expect(log).toEqual([{ code: 'ERR_SCGI_GATEWAY_GONE', offset: 0 }]);
    expect(state.observer).toBeUndefined();
  });

  it('should tell its writer that the connection is over, though a finalizer of its reader throws', () => {
    const log: unknown[] = [];
    const state = new ConnectionState(TRANSPORT);
    const project = () => {
      state.read({
        next: nothing,
        complete: nothing,
        error: () => {
          throw new Error('finalizer');
        },
      });
      return NEVER;
    };
    useSocket(state, (itself) => itself, project, undefined).subscribe({
      error: (error: unknown) => log.push(errorFacts(error)),
    });
    expect(() => state.closed()).toThrow('finalizer');
    expect(log).toEqual([{ code: 'ERR_SCGI_GATEWAY_GONE', offset: 0 }]);
  });
});
