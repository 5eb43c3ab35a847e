import { VirtualTimeScheduler, asyncScheduler } from 'rxjs';
import { clockOf } from '../../../lib/operators/exchange/clock.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { stopClocks } from '../../helpers/virtual-time/stop-clocks.js';
import { afterwards, cleanUpSockets } from '../../helpers/sockets/sockets.js';

const HOUR_MS = 3_600_000;

cleanUpSockets();

describe('clockOf', () => {
  it.each([
    ['forwards', HOUR_MS],
    ['backwards', -HOUR_MS],
  ])('should not follow the wall clock when it is set %s', (_, stepMs) => {
    const set = stopClocks();
    const clock = clockOf(asyncScheduler);
    const before = clock();
    set(stepMs, 10);
    expect(clock() - before).toBe(10);
  });

  it('should follow another scheduler', () => {
    const scheduler = new VirtualTimeScheduler();
    expect(clockOf(scheduler)()).toBe(0);
    scheduler.frame = 7;
    expect(clockOf(scheduler)()).toBe(7);
  });

  it('should follow virtual time where that takes the place of the real one', () => {
    const seen: number[] = [];
    const clock = clockOf(asyncScheduler);
    marbles((_helpers, scheduler) => {
      for (const at of [0, 50_000]) scheduler.schedule(() => seen.push(clock()), at);
    });
    expect(seen).toEqual([0, 50_000]);
  });

  it('should fall back to the wall clock where there is no other', () => {
    const none = jest.replaceProperty(globalThis, 'performance', undefined as unknown as Performance);
    afterwards(() => none.restore());
    expect(Math.abs(clockOf(asyncScheduler)() - Date.now())).toBeLessThan(HOUR_MS);
  });
});
