/** The two clocks of the system, in the hands of a test. */
import { IdleTimer, type Timekeeper } from '../../../lib/operators/exchange/idle-timer.js';
import { afterwards } from '../sockets/sockets.js';

const BEGIN = Date.UTC(2024, 0, 1);

/**
 * Stops both clocks, until the test is over.
 *
 * @returns what sets them, in milliseconds from then: the wall clock, which may jump, and the one that cannot.
 */
export function stopClocks(): (wallMs: number, monotonicMs: number) => void {
  const wall = jest.spyOn(Date, 'now').mockReturnValue(BEGIN);
  const monotonic = jest.spyOn(performance, 'now').mockReturnValue(5000);
  afterwards(() => {
    wall.mockRestore();
    monotonic.mockRestore();
  });
  return (wallMs, monotonicMs) => {
    wall.mockReturnValue(BEGIN + wallMs);
    monotonic.mockReturnValue(5000 + monotonicMs);
  };
}

/** Asserts that a timeout of 1 s neither goes off nor is put off when the wall clock is set. */
export function expectTimeoutToKeepTime(keeper: Timekeeper): void {
  const set = stopClocks();
  const expired = jest.fn();
  const timer = new IdleTimer(keeper, 1000, expired);
  timer.start();
  set(3_600_000, 999);
  timer.check(keeper.now());
  expect(expired).not.toHaveBeenCalled();
  set(-3_600_000, 1000);
  timer.check(keeper.now());
  expect(expired).toHaveBeenCalledTimes(1);
}
