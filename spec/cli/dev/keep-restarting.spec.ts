import { NEVER, Subject, delay, of, shareReplay, throwError, timer } from 'rxjs';
import { keepRestarting, type ApplicationEvent } from '../../../lib/cli/dev/keep-restarting.js';
import { fakeWorkers, type Life } from '../../helpers/command/fake-workers.js';
import { timelineOf } from '../../helpers/virtual-time/timeline.js';

interface Run {
  readonly lives: readonly Life[];
  /** Marbles of the files that change; nobody watches without them. */
  readonly changes?: string;
  /** When it is to end. Default 100. */
  readonly stopMs?: number;
  /** Until the old process may be told to drain. Default 0. */
  readonly quietMs?: number;
}

function run({ lives, changes, stopMs = 100, quietMs = 0 }: Run): string[] {
  return timelineOf(({ cold }) => {
    const start = fakeWorkers(...lives);
    return keepRestarting({
      start,
      changes: changes === undefined ? undefined : cold(changes),
      stop: timer(stopMs).pipe(shareReplay({ bufferSize: 1, refCount: false })),
      quiet: timer(quietMs),
      restartDeadlineMs: 3000,
    });
  }, show);
}

function show(event: ApplicationEvent): string {
  switch (event.type) {
    case 'ready':
      return `ready at ${event.address}`;
    case 'restarting':
      return `restarting for ${event.file}`;
    default:
      return `${event.type}: ${event.death.message}`;
  }
}

describe('keepRestarting', () => {
  it('should start a process, and end with it at a stop', () => {
    expect(run({ lives: [{}], changes: '-' })).toEqual(['2 ready at a', '103 |']);
  });

  it('should start the next process when the old one has ended, after a change', () => {
    const lives = [{ drains: 7 }, {}];
    expect(run({ lives, changes: '10ms f', quietMs: 20 })).toEqual([
      '2 ready at a',
      '10 restarting for f',
      '39 ready at a',
      '123 |',
    ]);
  });

  it('should restart once for the changes that come while the old process ends, and again for later ones', () => {
    const lives = [{ drains: 20 }, {}, {}];
    expect(run({ lives, changes: '10ms f 4ms g 4ms h 40ms i' })).toEqual([
      '2 ready at a',
      '10 restarting for f',
      '32 ready at a',
      '61 restarting for i',
      '66 ready at a',
      '103 |',
    ]);
  });

  it('should give up a process that is not ready yet when there is another change', () => {
    const lives = [{}, { ready: 50, drains: 1 }, {}];
    expect(run({ lives, changes: '10ms f 9ms g' })).toEqual([
      '2 ready at a',
      '10 restarting for f',
      '20 restarting for g',
      '23 ready at a',
      '103 |',
    ]);
  });

  it.each<[string, Life, string]>([
    ['does not load', { fails: 5 }, '5 failed: worker 1: it failed'],
    ['dies', { dies: 3 }, '5 failed: worker 1: SIGKILL'],
    ['ends by itself', { leaves: 3 }, '5 failed: the application ended by itself, with exit code 0'],
  ])('should say so when a process %s, and start the next one after a change', (_what, life, failed) => {
    const lines = run({ lives: [life, {}], changes: '20ms f' });
    expect(lines.filter((line) => !line.startsWith('2 '))).toEqual([
      failed,
      '20 restarting for f',
      '22 ready at a',
      '103 |',
    ]);
  });

  it('should end at a stop while it waits for a change', () => {
    expect(run({ lives: [{ fails: 5 }], changes: '-' })).toEqual(['5 failed: worker 1: it failed', '100 |']);
  });

  it('should fail when a process fails and nobody watches', () => {
    expect(run({ lives: [{ fails: 5 }] })).toEqual(['5 # worker 1: it failed']);
  });

  it('should fail when a process fails at a stop', () => {
    expect(run({ lives: [{ diesDraining: true }], changes: '-' })).toEqual([
      '2 ready at a',
      '103 # worker 1: SIGKILL',
    ]);
  });

  it('should start the next process when the old one fails at its end, or does not end in time', () => {
    const lives = [{ diesDraining: true }, { drains: 10_000 }, {}];
    expect(run({ lives, changes: '10ms f 19ms g', stopMs: 9000 })).toEqual([
      '2 ready at a',
      '10 restarting for f',
      '13 stop-failed: worker 1: SIGKILL',
      '15 ready at a',
      '30 restarting for g',
      '3030 stop-failed: it did not end in time, and was killed',
      '3032 ready at a',
      '9003 |',
    ]);
  });

  it('should start no other process when a stop comes during a restart', () => {
    const lives = [{ drains: 20 }, {}];
    expect(run({ lives, changes: '90ms f' })).toEqual(['2 ready at a', '90 restarting for f', '110 |']);
  });

  it('should go on without changes when watching ends', () => {
    const lines = timelineOf(
      () =>
        keepRestarting({
          start: fakeWorkers({}),
          changes: of('f').pipe(delay(10)),
          stop: timer(100).pipe(shareReplay({ bufferSize: 1, refCount: false })),
          quiet: of('now'),
          restartDeadlineMs: 3000,
        }),
      show,
    );
    expect(lines).toEqual(['2 ready at a', '10 restarting for f', '15 ready at a', '103 |']);
  });

  it.each([
    [3000, [3000]],
    // Node.js would take one millisecond.
    [2_147_486_647, []],
  ])('should leave the old process %d ms to end, as far as timers reach', (restartDeadlineMs, expected) => {
    const timers = jest.spyOn(globalThis, 'setInterval');
    const changes = new Subject<string>();
    const quiet = of('now');
    const running = keepRestarting({ start: () => NEVER, changes, stop: NEVER, quiet, restartDeadlineMs });
    const subscription = running.subscribe();
    changes.next('f');
    const delays = timers.mock.calls.map(([, delayMs]) => delayMs);
    subscription.unsubscribe();
    timers.mockRestore();
    expect(delays).toEqual(expected);
  });

  it('should report an error of the system as a failure', () => {
    const lines = timelineOf(
      ({ cold }) =>
        keepRestarting({
          start: () => throwError(() => new Error('spawn EAGAIN')),
          changes: cold('-'),
          stop: timer(1).pipe(shareReplay({ bufferSize: 1, refCount: false })),
          quiet: of('now'),
          restartDeadlineMs: 3000,
        }),
      show,
    );
    expect(lines).toEqual([expect.stringContaining('0 failed: Error: spawn EAGAIN'), '1 |']);
  });
});
