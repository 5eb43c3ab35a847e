import { deathsInARow, restartDelayMs } from '../../../lib/cli/workers/keep-running.js';

describe('restartDelayMs', () => {
  it('should be nothing after one death, and then grow up to 30 s', () => {
    const delays = Array.from({ length: 11 }, (_, index) => restartDelayMs(index + 1));
    expect(delays).toEqual([0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('should stay at 30 s, however many deaths there are', () => {
    expect(restartDelayMs(1e6)).toBe(30_000);
  });
});

describe('deathsInARow', () => {
  it.each([
    [0, 0, 1],
    [1, 9999, 2],
    [7, 0, 8],
    [7, 10_000, 1],
    [0, 10_000, 1],
  ])('should be, with %i before and a life of %i ms, %i', (before, livedMs, deaths) => {
    expect(deathsInARow(before, livedMs)).toBe(deaths);
  });
});
