import { throttled } from '../../lib/server/throttled.js';
import { cleanUpSockets } from '../helpers/sockets.js';
import { stopClocks } from '../helpers/stop-clocks.js';

cleanUpSockets();

describe('throttled', () => {
  it('should say a thing at once, and then once in a while', () => {
    const set = stopClocks();
    const said: string[] = [];
    const say = throttled(100, (what: string) => said.push(what));
    for (const at of [0, 1, 99, 100, 150, 199, 200, 500]) {
      set(at, at);
      say(`x ${at}`);
    }
    expect(said).toEqual(['x 0', 'x 100', 'x 200', 'x 500']);
  });

  it('should neither speak sooner nor be silent for longer when the wall clock is set', () => {
    const set = stopClocks();
    const action = jest.fn();
    const say = throttled(1000, action);
    say();
    set(3_600_000, 999);
    say();
    expect(action).toHaveBeenCalledTimes(1);
    set(-3_600_000, 1000);
    say();
    expect(action).toHaveBeenCalledTimes(2);
  });
});
