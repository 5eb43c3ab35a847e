import { NEVER, defer, finalize, of, type Observable } from 'rxjs';
import { supervise } from '../../../lib/cli/workers/supervise.js';
import { fakeWorkers, showPoolEvent } from '../../helpers/command/fake-workers.js';
import { BOTH_READY, supervised } from '../../helpers/command/supervised.js';
import { timelineOf } from '../../helpers/virtual-time/timeline.js';

describe('supervise', () => {
  it('should start workers together, tell when all listen, and drain them together', () => {
    expect(supervised({ lives: [{ ready: 5 }, { drains: 9 }, {}], workers: 3, stopMs: 20 })).toEqual([
      '2 ready 2',
      '2 ready 3',
      '5 ready 1',
      '5 listening a',
      '5 listening b',
      '20 pool-draining',
      '20 drains 1',
      '20 drains 2',
      '20 drains 3',
      '29 closed',
      '29 |',
    ]);
  });

  it('should replace one that dies, while the others go on', () => {
    expect(supervised({ lives: [{}, { dies: 8 }, {}], stopMs: 20 })).toEqual([
      ...BOTH_READY,
      '10 died 2 (SIGKILL), again in 0',
      '12 ready 3',
      '20 pool-draining',
      '20 drains 1',
      '20 drains 3',
      '23 closed',
      '23 |',
    ]);
  });

  it('should count the deaths of each place by themselves', () => {
    const deaths = supervised({ lives: [{ dies: 8 }, { dies: 9 }, {}], stopMs: 20 });
    expect(deaths.filter((line) => line.includes('died'))).toEqual([
      '10 died 1 (SIGKILL), again in 0',
      '11 died 2 (SIGKILL), again in 0',
    ]);
  });

  it('should not tell that all listen when they are stopped before', () => {
    expect(supervised({ lives: [{}, { ready: 50 }], stopMs: 10 })).toEqual([
      '2 ready 1',
      '10 pool-draining',
      '10 drains 1',
      '13 closed',
      '13 |',
    ]);
  });

  it('should start nothing when it was told to stop before', () => {
    const stopped = timelineOf(
      () => supervise(fakeWorkers({}), { workers: 2, stop: of('stop'), reload: NEVER }),
      showPoolEvent,
    );
    expect(stopped).toEqual(['0 pool-draining', '0 closed', '0 |']);
  });

  describe('on reload', () => {
    it('should replace one after the other: the next in its place listens before it drains', () => {
      expect(supervised({ lives: [{ drains: 30 }], reload: '10ms r', stopMs: 50 })).toEqual([
        ...BOTH_READY,
        '10 reloading',
        '12 ready 3',
        '12 drains 1',
        '14 ready 4',
        '14 drains 2',
        '14 reloaded',
        '50 pool-draining',
        '50 drains 3',
        '50 drains 4',
        '80 closed',
        '80 |',
      ]);
    });

    it('should wait until all listen for the first time', () => {
      const lines = supervised({ lives: [{}, { ready: 8 }, {}], reload: '5ms r', stopMs: 50 });
      expect(lines.slice(0, 6)).toEqual([
        '2 ready 1',
        '8 ready 2',
        '8 listening a',
        '8 listening b',
        '8 reloading',
        '10 ready 3',
      ]);
    });

    it('should do it once more, and no more than once, for those that come meanwhile', () => {
      const lines = supervised({ reload: '10ms rr', stopMs: 50 });
      expect(lines.filter((line) => /reload/.test(line))).toEqual([
        '10 reloading',
        '14 reloaded',
        '14 reloading',
        '18 reloaded',
      ]);
      expect(supervised({ reload: '10ms rrrr', stopMs: 50 })).toEqual(lines);
      expect(lines.filter((line) => /drains/.test(line))).toEqual([
        '12 drains 1',
        '14 drains 2',
        '16 drains 3',
        '18 drains 4',
        '50 drains 5',
        '50 drains 6',
      ]);
    });

    it('should keep the old workers when a new one fails, and try again at the next reload', () => {
      const lives = [{}, {}, { fails: 3 }, {}];
      expect(supervised({ lives, reload: '10ms r 9ms r', stopMs: 50 })).toEqual([
        ...BOTH_READY,
        '10 reloading',
        '13 reload failed: worker 3: it failed',
        '20 reloading',
        '22 ready 4',
        '22 drains 1',
        '24 ready 5',
        '24 drains 2',
        '24 reloaded',
        '50 pool-draining',
        '50 drains 4',
        '50 drains 5',
        '53 closed',
        '53 |',
      ]);
    });

    it('should end a new worker that does not listen within 60 s, and try again at the next reload', () => {
      const lives = [{}, {}, { ready: 60_001 }, {}];
      expect(supervised({ lives, reload: '10ms r 70s r', stopMs: 80_000 })).toEqual([
        ...BOTH_READY,
        '10 reloading',
        '60010 reload failed: a new worker did not listen within 60 s: does its start() end?',
        '70011 reloading',
        '70013 ready 4',
        '70013 drains 1',
        '70015 ready 5',
        '70015 drains 2',
        '70015 reloaded',
        '80000 pool-draining',
        '80000 drains 4',
        '80000 drains 5',
        '80003 closed',
        '80003 |',
      ]);
    });

    it('should keep the old worker when the new one listens just after its time', () => {
      const lives = [{}, {}, { ready: 60_001, hears: 5 }];
      expect(supervised({ lives, reload: '10ms r', stopMs: 80_000 })).toEqual([
        ...BOTH_READY,
        '10 reloading',
        '60010 reload failed: a new worker did not listen within 60 s: does its start() end?',
        '60011 ready 3',
        '60015 drains 3',
        '80000 pool-draining',
        '80000 drains 1',
        '80000 drains 2',
        '80003 closed',
        '80003 |',
      ]);
    });

    it('should try again for those that came while it waited for one that does not listen', () => {
      const lines = supervised({ lives: [{}, {}, { ready: 1e6 }, {}], reload: '10ms rr', stopMs: 80_000 });
      expect(lines.filter((line) => /reload/.test(line))).toEqual([
        '10 reloading',
        '60010 reload failed: a new worker did not listen within 60 s: does its start() end?',
        '60010 reloading',
        '60014 reloaded',
      ]);
    });

    it('should not miss a worker that dies while the next in its place is being started', () => {
      const lives = [{ dies: 9 }, {}, { ready: 8 }, { ready: 1 }, {}];
      expect(supervised({ lives, reload: '10ms r', stopMs: 50 })).toEqual([
        ...BOTH_READY,
        '10 reloading',
        '11 died 1 (SIGKILL), again in 0',
        '12 ready 4',
        '18 ready 3',
        '18 drains 4',
        '20 ready 5',
        '20 drains 2',
        '20 reloaded',
        '50 pool-draining',
        '50 drains 3',
        '50 drains 5',
        '53 closed',
        '53 |',
      ]);
    });

    it('should report what has died as it made way, and go on', () => {
      const lines = supervised({ lives: [{ diesDraining: true }, {}], reload: '10ms r', stopMs: 50 });
      expect(lines).toContain('15 died 1 (SIGKILL), and is not missed');
      expect(lines.at(-1)).toBe('53 |');
    });

    it('should be abandoned when all are stopped', () => {
      expect(supervised({ lives: [{}, {}, { ready: 10 }], reload: '10ms r', stopMs: 15 })).toEqual([
        ...BOTH_READY,
        '10 reloading',
        '15 pool-draining',
        '15 drains 1',
        '15 drains 2',
        '18 closed',
        '18 |',
      ]);
    });
  });

  describe('sockets that another program has passed on', () => {
    it('should be the end when they are lost with the last worker', () => {
      expect(supervised({ lives: [{ dies: 1 }, { dies: 1 }, { ready: 9 }], socketsAreLent: true })).toEqual([
        ...BOTH_READY,
        '3 died 1 (SIGKILL), again in 0',
        '3 died 2 (SIGKILL), and is not missed',
        '3 # no worker is left that holds the inherited sockets: start rxscgi again',
      ]);
    });

    it('should be held by those that live', () => {
      const lives = [{ dies: 1 }, {}];
      expect(supervised({ lives, socketsAreLent: true, reload: '10ms r', stopMs: 50 }).at(-1)).toBe('53 |');
    });
  });

  it('should kill all workers when it is unsubscribed', () => {
    let running = 0;
    const start = (): Observable<never> =>
      defer(() => {
        running++;
        return NEVER;
      }).pipe(finalize(() => running--));
    const pool = supervise(start, { workers: 3, stop: NEVER, reload: NEVER }).subscribe();
    expect(running).toBe(3);
    pool.unsubscribe();
    expect(running).toBe(0);
  });
});
