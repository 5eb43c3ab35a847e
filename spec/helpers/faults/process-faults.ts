/** What a socket test must not leave in the process: errors that nobody caught, and warnings. */
import type { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { errorLines } from '../../../lib/core/errors/error-facts.js';

// Jest gives each spec file a copy of `process`, on which nothing is ever emitted.
const realProcess = runInThisContext('process') as EventEmitter;
const EVENTS = ['uncaughtException', 'unhandledRejection', 'warning'] as const;

/** Collects the faults of the process, until it is stopped; Jest, which any odd value could end, is not told of them. */
export class ProcessFaults {
  private readonly faults: string[] = [];
  private readonly report = (fault: unknown): void => {
    this.faults.push(errorLines(fault).join('\n'));
  };
  private others: [event: string, listener: () => void][] = [];

  start(): void {
    for (const event of EVENTS) {
      for (const listener of realProcess.listeners(event) as (() => void)[])
        this.others.push([event, listener]);
      realProcess.removeAllListeners(event);
      realProcess.on(event, this.report);
    }
  }

  stop(): void {
    for (const event of EVENTS) realProcess.off(event, this.report);
    for (const [event, listener] of this.others.splice(0)) realProcess.on(event, listener);
  }

  /** The faults since this was last asked for. */
  async take(): Promise<string[]> {
    // Both rejections and warnings are told a turn later.
    await setImmediate();
    return this.faults.splice(0);
  }
}

/** Fails each test of the file during which the process had an uncaught error, an unhandled rejection or a warning. */
export function expectNoProcessFaults(): void {
  const faults = new ProcessFaults();

  beforeEach(() => faults.start());

  afterEach(async () => {
    const all = await faults.take();
    faults.stop();
    expect(all).toEqual([]);
  });
}
