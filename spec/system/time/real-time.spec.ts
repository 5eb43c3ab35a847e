import { IdleTimer } from '../../../lib/operators/exchange/idle-timer.js';
import { REAL_TIME } from '../../../lib/system/time/real-time.js';

describe('REAL_TIME', () => {
  describe('in fake time', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => {
      jest.runAllTimers();
      jest.useRealTimers();
    });

    function started(ms: number) {
      const expired = jest.fn();
      const timer = new IdleTimer(REAL_TIME, ms, expired);
      timer.start();
      return { timer, expired };
    }

    it.each([20, 999])('should let a timeout of %d ms expire exactly', (ms) => {
      const { expired } = started(ms);
      jest.advanceTimersByTime(ms - 1);
      expect(expired).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      expect(expired).toHaveBeenCalledTimes(1);
    });

    it.each([1000, 60_000])('should let a timeout of %d ms expire within 100 ms more', (ms) => {
      const { expired } = started(ms);
      jest.advanceTimersByTime(ms - 1);
      expect(expired).not.toHaveBeenCalled();
      jest.advanceTimersByTime(101);
      expect(expired).toHaveBeenCalledTimes(1);
      jest.advanceTimersByTime(2 * ms);
      expect(expired).toHaveBeenCalledTimes(1);
    });

    it.each([200, 2000])('should start the %d ms anew at a touch, and at a second start', (ms) => {
      const { timer, expired } = started(ms);
      jest.advanceTimersByTime(ms * 0.75);
      timer.touch();
      jest.advanceTimersByTime(ms * 0.75);
      timer.start();
      jest.advanceTimersByTime(ms * 0.75);
      expect(expired).not.toHaveBeenCalled();
      jest.advanceTimersByTime(ms * 0.25 + 100);
      expect(expired).toHaveBeenCalledTimes(1);
    });

    it.each([200, 2000])('should forget a timeout of %d ms that is stopped', (ms) => {
      const { timer, expired } = started(ms);
      timer.stop();
      jest.advanceTimersByTime(2 * ms);
      expect(expired).not.toHaveBeenCalled();
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  it('should keep the process alive while a timeout runs, and no longer', () => {
    const running = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
    const timers = [1000, 60_000, 500].map((ms) => new IdleTimer(REAL_TIME, ms, () => undefined));
    const before = running();
    for (const turn of [1, 2]) {
      for (const timer of timers) timer.start();
      expect([turn, running()]).toEqual([turn, before + 2]);
      for (const timer of timers) timer.stop();
      expect([turn, running()]).toEqual([turn, before]);
    }
  });
});
