/** What a socket test must not leave in the process: errors that nobody caught, and warnings. */
import { setImmediate } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';

// Jest gives each spec file a copy of `process`, on which nothing is ever emitted.
const realProcess = runInThisContext('process') as NodeJS.Process;
const EVENTS = ['uncaughtExceptionMonitor', 'unhandledRejection', 'warning'] as const;

/** Fails each test of the file during which the process had an uncaught error, an unhandled rejection or a warning. */
export function expectNoProcessFaults(): void {
  const faults: string[] = [];
  const report = (fault: unknown): void => {
    faults.push(String((fault as Partial<Error> | undefined)?.stack ?? fault));
  };

  beforeEach(() => {
    for (const event of EVENTS) realProcess.on(event, report);
  });

  afterEach(async () => {
    // Both rejections and warnings are told a turn later.
    await setImmediate();
    for (const event of EVENTS) realProcess.off(event, report);
    expect(faults.splice(0)).toEqual([]);
  });
}
