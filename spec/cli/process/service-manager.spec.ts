import { EMPTY, NEVER, ignoreElements, startWith, throwError, timer, type Observable } from 'rxjs';
import type { PoolEvent } from '../../../lib/cli/workers/worker-event.js';
import { tellServiceManager, type Notify } from '../../../lib/cli/process/service-manager.js';
import type { ServerEvent } from '../../../lib/node/index.js';
import { timelineOf } from '../../helpers/virtual-time/timeline.js';

type Type = (ServerEvent | PoolEvent)['type'];

const TYPES: Readonly<Record<string, { readonly type: Type }>> = {
  l: { type: 'listening' },
  q: { type: 'request' },
  h: { type: 'reloading' },
  r: { type: 'reloaded' },
  f: { type: 'reload-failed' },
  d: { type: 'draining' },
  D: { type: 'pool-draining' },
  c: { type: 'closed' },
};

const SOCKET = { NOTIFY_SOCKET: '/run/notify' };

/**
 * What a service manager is told, and what becomes of it.
 *
 * @param takesMs - how long a message takes.
 */
function told(events: string, env: NodeJS.ProcessEnv = SOCKET, takesMs = 0): string[] {
  const lines: string[] = [];
  const ends = timelineOf(
    ({ cold }, now) => {
      const notify: Notify = ([message = '', ...more]) => {
        lines.push(`${now()} ${[message, ...more.map((each) => each.replace(/\d+/, 'N'))].join(' ')}`);
        return takesMs === 0 ? EMPTY : timer(takesMs).pipe(ignoreElements());
      };
      return cold(events, TYPES).pipe(tellServiceManager(env, notify));
    },
    ({ reason }) => reason,
  );
  return [...lines, ...ends];
}

describe('tellServiceManager', () => {
  it('should tell when a server listens and when it drains', () => {
    expect(told('-l-q-q-d-c|')).toEqual(['1 READY=1', '7 STOPPING=1', '10 |']);
  });

  it('should tell once that several addresses are listened on', () => {
    expect(told('-lll-d|')).toEqual(['1 READY=1', '5 STOPPING=1', '6 |']);
  });

  it.each(['r', 'f'])('should tell when workers are being replaced, and when it is over (%s)', (over) => {
    expect(told(`-l--h--${over}--D-|`)).toEqual([
      '1 READY=1',
      '4 RELOADING=1 MONOTONIC_USEC=N',
      '7 READY=1',
      '10 STOPPING=1',
      '12 |',
    ]);
  });

  it('should keep the order of messages, and complete when the last is received', () => {
    expect(told('-l-h-r-D|', SOCKET, 10)).toEqual([
      '1 READY=1',
      '11 RELOADING=1 MONOTONIC_USEC=N',
      '21 READY=1',
      '31 STOPPING=1',
      '41 |',
    ]);
  });

  it('should send nothing where there is no service manager', () => {
    expect(told('-l-d|', {})).toEqual(['4 |']);
    expect(told('-l-d|', { NOTIFY_SOCKET: '' })).toEqual(['4 |']);
  });

  it('should complete when the source does so without an event', () => {
    expect(told('--|')).toEqual(['2 |']);
    expect(told('--|', { ...SOCKET, WATCHDOG_USEC: '1000' })).toEqual(['2 |']);
  });

  it('should pass the error of the source on', () => {
    expect(told('-l-#').slice(0, 2)).toEqual(['1 READY=1', '3 # undefined']);
  });

  describe('the watchdog', () => {
    const WATCHDOG = { ...SOCKET, WATCHDOG_USEC: '20000', WATCHDOG_PID: String(process.pid) };

    it('should be fed at half of its time, from readiness to the end', () => {
      expect(told('5ms l 34ms d 5ms |', WATCHDOG)).toEqual([
        '5 READY=1',
        '15 WATCHDOG=1',
        '25 WATCHDOG=1',
        '35 WATCHDOG=1',
        '40 STOPPING=1',
        '45 WATCHDOG=1',
        '46 |',
      ]);
    });

    it('should send no sign of life before the last message is received', () => {
      expect(told('l 59ms |', WATCHDOG, 15).filter((line) => line.includes('WATCHDOG'))).toEqual([
        '10 WATCHDOG=1',
        '30 WATCHDOG=1',
        '50 WATCHDOG=1',
      ]);
    });

    it('should send signs of life when no process is named', () => {
      expect(told('l 9ms |', { ...SOCKET, WATCHDOG_USEC: '10000' })).toContain('5 WATCHDOG=1');
    });

    it('should be fed at the longest time of a timer when its own is longer', () => {
      const timers = jest.spyOn(globalThis, 'setInterval');
      const feeding = NEVER.pipe(
        startWith({ type: 'listening' as const }),
        tellServiceManager({ ...SOCKET, WATCHDOG_USEC: '10000000000000' }, () => EMPTY),
      ).subscribe();
      const delays = timers.mock.calls.map(([, delayMs]) => delayMs);
      feeding.unsubscribe();
      timers.mockRestore();
      expect(delays).toEqual([2_147_483_647]);
    });

    it.each([
      ['it is meant for another process', { WATCHDOG_USEC: '10000', WATCHDOG_PID: '1' }],
      ['it is not set', { WATCHDOG_PID: String(process.pid) }],
      ['its time is no time', { WATCHDOG_USEC: 'often' }],
      ['its time is 0', { WATCHDOG_USEC: '0' }],
    ])('should not be fed when %s', (_why, env) => {
      expect(told('l 99ms |', { ...SOCKET, ...env })).toEqual(['0 READY=1', '100 |']);
    });
  });

  it('should report once why it cannot, and go on trying', () => {
    let tries = 0;
    const notify = (): Observable<never> => {
      tries++;
      return throwError(() => Object.assign(new Error('spawn'), { code: 'ENOENT' }));
    };
    const lines = timelineOf(
      ({ cold }) => cold('-l-h-r-D|', TYPES).pipe(tellServiceManager(SOCKET, notify)),
      ({ type, reason }) => `${type}: ${reason}`,
    );
    expect(lines).toEqual([
      '1 manager-unreachable: systemd-notify is not installed (Debian: the package systemd)',
      '8 |',
    ]);
    expect(tries).toBe(4);
  });
});
