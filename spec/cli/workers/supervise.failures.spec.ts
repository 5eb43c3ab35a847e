import { NEVER, map, take, type Observable } from 'rxjs';
import type { PoolEvent, StartWorker, WorkerEvent } from '../../../lib/cli/workers/worker-event.js';
import { supervise } from '../../../lib/cli/workers/supervise.js';
import { fakeWorkers, showPoolEvent } from '../../helpers/command/fake-workers.js';
import { BOTH_READY, supervised } from '../../helpers/command/supervised.js';
import { timelineOf } from '../../helpers/virtual-time/timeline.js';

describe('failures of supervised workers', () => {
  it('should be the end, after the others have drained, when one fails before all listen', () => {
    expect(supervised({ lives: [{ drains: 7 }, { fails: 5 }] })).toEqual([
      '2 ready 1',
      '5 drains 1',
      '12 # worker 2: it failed',
    ]);
  });

  it('should not tell of a drain before one has listened', () => {
    const draining: WorkerEvent = { type: 'worker-draining', pid: 7, connections: 0 };
    const starts: StartWorker[] = [
      (until) =>
        until.pipe(
          take(1),
          map(() => draining),
        ),
      fakeWorkers({ fails: 5 }),
    ];
    const start: StartWorker = (until) => starts.shift()!(until);
    const pool = (): Observable<PoolEvent> => supervise(start, { workers: 2, stop: NEVER, reload: NEVER });
    expect(timelineOf(pool, showPoolEvent)).toEqual(['5 # worker 1: it failed']);
  });

  it('should be reported once when all fail', () => {
    expect(supervised({ lives: [{ fails: 1 }], workers: 4 })).toEqual(['4 # worker 1: it failed']);
  });

  it('should be the end, after the others have drained, when one dies as it drains', () => {
    expect(supervised({ lives: [{ diesDraining: true }, { drains: 6 }], stopMs: 10 })).toEqual([
      ...BOTH_READY,
      '10 pool-draining',
      '10 drains 1',
      '10 drains 2',
      '16 # worker 1: SIGKILL',
    ]);
  });
});
