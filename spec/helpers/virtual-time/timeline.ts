/** What an Observable does in virtual time, line by line: for what takes seconds and has more to say than a marble. */
import type { Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';

/**
 * Subscribes in virtual time, and runs until nothing is scheduled any more.
 *
 * @param make - makes the source.
 * @param show - a value as it is to be read.
 * @returns `12 ready 1` for a value at 12 ms; `13 |` for the end, `13 # why` for an error.
 */
export function timelineOf<T>(
  make: (helpers: RunHelpers, now: () => number) => Observable<T>,
  show: (value: T) => string,
): string[] {
  const lines: string[] = [];
  const scheduler = new TestScheduler(() => undefined);
  const now = (): number => scheduler.now();
  scheduler.run((helpers) => {
    make(helpers, now).subscribe({
      next: (value) => lines.push(`${now()} ${show(value)}`),
      error: (error: unknown) => lines.push(`${now()} # ${(error as Error).message}`),
      complete: () => lines.push(`${now()} |`),
    });
  });
  return lines;
}
