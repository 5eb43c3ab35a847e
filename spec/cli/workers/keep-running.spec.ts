import {
  EMPTY,
  NEVER,
  Subject,
  filter,
  firstValueFrom,
  map,
  shareReplay,
  skip,
  takeUntil,
  tap,
  throwError,
  type Observable,
} from 'rxjs';
import { keepRunning, type PlaceEvent } from '../../../lib/cli/workers/keep-running.js';
import type { WorkerEvent } from '../../../lib/cli/workers/worker-event.js';
import { fakeWorkers, showPoolEvent, type Life } from '../../helpers/command/fake-workers.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { stopClocks } from '../../helpers/virtual-time/stop-clocks.js';
import { timelineOf } from '../../helpers/virtual-time/timeline.js';

cleanUpSockets();

/** What happens where these lives are lived, and told to drain after `untilMs`. */
function lived(lives: readonly Life[], untilMs = 1e6): string[] {
  return timelineOf(({ cold }) => {
    const until = cold(`${untilMs}ms u`).pipe(shareReplay({ bufferSize: 1, refCount: false }));
    return keepRunning(fakeWorkers(...lives), until);
  }, showPoolEvent);
}

describe('keepRunning', () => {
  it('should start one worker, and drain it when it is told to', () => {
    expect(lived([{}], 10)).toEqual(['2 ready 1', '10 drains 1', '13 |']);
  });

  it('should replace a worker that dies at once', () => {
    expect(lived([{ dies: 20_000 }, {}], 30_000)).toEqual([
      '2 ready 1',
      '20002 died 1 (SIGKILL), again in 0',
      '20004 ready 2',
      '30000 drains 2',
      '30003 |',
    ]);
  });

  it('should wait longer and longer for one that dies again and again, whether it listened or not', () => {
    expect(lived([{ dies: 1 }, { dies: 1 }, { fails: 1 }, { dies: 1 }, {}], 3000)).toEqual([
      '2 ready 1',
      '3 died 1 (SIGKILL), again in 0',
      '5 ready 2',
      '6 died 2 (SIGKILL), again in 250',
      '257 died 3 (it failed), again in 500',
      '759 ready 4',
      '760 died 4 (SIGKILL), again in 1000',
      '1762 ready 5',
      '3000 drains 5',
      '3003 |',
    ]);
  });

  it('should forget what was before when one has lived for 10 s', () => {
    const steady = { ready: 1, dies: 9999 };
    expect(lived([{ dies: 1 }, { dies: 1 }, steady, { ready: 1, dies: 9998 }, {}], 30_000)).toEqual([
      '2 ready 1',
      '3 died 1 (SIGKILL), again in 0',
      '5 ready 2',
      '6 died 2 (SIGKILL), again in 250',
      '257 ready 3',
      '10256 died 3 (SIGKILL), again in 0',
      '10257 ready 4',
      '20255 died 4 (SIGKILL), again in 250',
      '20507 ready 5',
      '30000 drains 5',
      '30003 |',
    ]);
  });

  it('should replace a worker that exits with 0 unasked', () => {
    expect(lived([{ leaves: 5 }, {}], 20)).toEqual([
      '2 ready 1',
      '7 died 1 (it ended by itself), again in 0',
      '9 ready 2',
      '20 drains 2',
      '23 |',
    ]);
  });

  it('should start no worker when it is told to drain while it waits', () => {
    expect(lived([{ dies: 1 }, { dies: 1 }], 100)).toEqual([
      '2 ready 1',
      '3 died 1 (SIGKILL), again in 0',
      '5 ready 2',
      '6 died 2 (SIGKILL), again in 250',
      '100 |',
    ]);
  });

  it('should not take it for a long life when the wall clock is set', async () => {
    const set = stopClocks();
    const deaths: unknown[] = [];
    await firstValueFrom(
      keepRunning((until) => {
        const life = new Subject<WorkerEvent>();
        void Promise.resolve().then(() => {
          life.next({ type: 'worker-ready', pid: 1, addresses: [] });
          set(3_600_000 * (deaths.length + 1), deaths.length + 1);
          life.error(new Error('it crashed'));
        });
        return life.pipe(takeUntil(until));
      }, NEVER).pipe(
        filter((event) => event.type === 'worker-died'),
        tap(({ restartInMs }) => deaths.push(restartInMs)),
        skip(1),
      ),
    );
    expect(deaths).toEqual([0, 250]);
  });

  it('should not miss a worker that dies as it drains', () => {
    expect(lived([{ diesDraining: true }], 10)).toEqual([
      '2 ready 1',
      '10 drains 1',
      '13 died 1 (SIGKILL), and is not missed',
      '13 |',
    ]);
  });

  it('should end with a worker that is told to drain before it listens', () => {
    expect(lived([{}], 1)).toEqual(['4 |']);
  });

  it('should fail when the first worker dies before it listens', () => {
    expect(lived([{ fails: 1 }, {}])).toEqual(['1 # worker 1: it failed']);
  });

  it('should fail when the first worker exits with 0 before it listens', () => {
    expect(timelineOf(() => keepRunning(() => EMPTY, NEVER), showPoolEvent)).toEqual([
      '1000 # a worker ended before it listened',
    ]);
  });

  it('should not fail when that was its part of an end of all processes', () => {
    const ended = ({ cold }: { cold: (marbles: string) => Observable<unknown> }): Observable<PlaceEvent> =>
      keepRunning(() => EMPTY, cold('999ms u').pipe(shareReplay({ bufferSize: 1, refCount: false })));
    expect(timelineOf(ended, showPoolEvent)).toEqual(['999 |']);
  });

  it('should fail when its socket cannot be put in place', () => {
    const inUse = throwError(() => Object.assign(new Error('address in use'), { address: 'unix:app.sock' }));
    expect(timelineOf(() => keepRunning(() => inUse, NEVER), showPoolEvent)).toEqual(['0 # address in use']);
  });

  it('should kill its worker when it is unsubscribed', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const worker = cold<WorkerEvent>('--r', { r: { type: 'worker-ready', pid: 1, addresses: [] } });
      expectObservable(keepRunning(() => worker, NEVER).pipe(map(({ type }) => type)), '-----!').toBe('--r', {
        r: 'worker-ready',
      });
      expectSubscriptions(worker.subscriptions).toBe('^----!');
    });
  });
});
