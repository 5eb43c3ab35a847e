import {
  EMPTY,
  NEVER,
  concat,
  map,
  of,
  shareReplay,
  throwError,
  timer,
  type Observable,
  type Observer,
} from 'rxjs';
import { runApplication } from '../../../lib/cli/application/application.js';
import type { Application } from '../../../lib/cli/application/load-module.js';
import type { StartContext } from '../../../lib/node/index.js';
import { afterwards, cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { timelineOf } from '../../helpers/virtual-time/timeline.js';

cleanUpSockets();

interface Life extends Partial<Pick<Application, 'start' | 'stop'>> {
  /** What serving comes to. Default: an event, and the end 5 ms later. */
  readonly served?: Observable<string>;
  readonly untilMs?: number;
}

const SERVED = concat(of('served'), timer(5).pipe(map(() => 'drained')));

/** A hook that takes so long. */
const takes = (ms: number) => (): Observable<number> => timer(ms);

function lived({ start, stop, served = SERVED, untilMs = 1e6 }: Life): string[] {
  const application = { path: 'app.mjs', handler: () => EMPTY, start, stop };
  return timelineOf(
    ({ cold }) =>
      runApplication(
        application,
        cold(`${untilMs}ms u`).pipe(shareReplay({ bufferSize: 1, refCount: false })),
        () => served,
      ),
    (event) => event,
  );
}

/** Takes a listener, and never calls it. */
const subscribe = (): void => undefined;

const JUST_SERVED = ['0 served', '5 drained', '5 |'];

describe('runApplication', () => {
  it('should serve what has neither start() nor stop()', () => {
    expect(lived({})).toEqual(JUST_SERVED);
  });

  it('should wait for start() before, and for stop() after', () => {
    expect(lived({ start: takes(7), stop: takes(20) })).toEqual(['7 served', '12 drained', '32 |']);
  });

  it('should pass start() an Observable that notifies once when it drains, and replays', () => {
    const notified: unknown[] = [];
    const note = (draining: Observable<void>, when: string): void => {
      draining.subscribe({
        next: (value) => notified.push(when, value),
        complete: () => notified.push(`${when} over`),
      });
    };
    let late = NEVER as Observable<void>;
    const start = ({ draining }: StartContext): void => {
      note(draining, 'early');
      late = draining;
    };
    const stop = (): void => note(late, 'late');
    lived({ start, stop, untilMs: 3 });
    expect(notified).toEqual(['early', undefined, 'early over', 'late', undefined, 'late over']);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a string, which RxJS would take apart', 'started'],
    ['an array', ['started']],
    ['a client to which one can subscribe', { subscribe }],
    ['a store that has an Observable', { subscribe, '@@observable': () => NEVER }],
  ])('should not wait for hooks that return %s', (_what, result) => {
    expect(lived({ start: () => result, stop: () => result })).toEqual(JUST_SERVED);
  });

  it('should wait for an Observable that emits to complete', () => {
    expect(lived({ start: () => concat(of(1), timer(9)) })[0]).toBe('9 served');
  });

  it('should wait for an Observable of another library to complete', () => {
    const start = (key: PropertyKey) => (): unknown => ({
      subscribe: (observer: Observer<unknown>) => timer(9).subscribe(observer),
      [key](): unknown {
        return this;
      },
    });
    expect(lived({ start: start('@@observable') })[0]).toBe('9 served');
    const standard = Symbol('observable');
    const polyfill = Object.defineProperty(Symbol, 'observable', { value: standard, configurable: true });
    afterwards(() => Reflect.deleteProperty(polyfill, 'observable'));
    expect(lived({ start: start(standard) })[0]).toBe('9 served');
  });

  it('should wait for Promises', async () => {
    const done: string[] = [];
    const hook = (name: string) => async (): Promise<void> => {
      await Promise.resolve();
      done.push(name);
    };
    const application = { path: 'app.mjs', handler: () => EMPTY, start: hook('start'), stop: hook('stop') };
    await new Promise<void>((resolve) => {
      runApplication(application, NEVER, () => of('served')).subscribe({
        next: (event) => done.push(event),
        complete: resolve,
      });
    });
    expect(done).toEqual(['start', 'served', 'stop']);
  });

  it('should call each hook once', () => {
    const start = jest.fn();
    const stop = jest.fn();
    lived({ start, stop });
    expect(start).toHaveBeenCalledTimes(1);
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['throws', (): never => throws('no database')],
    ['fails', (): Observable<never> => throwError(() => new Error('no database'))],
  ])('should fail with one line, without serving, when start() %s', (_how, start) => {
    const stop = jest.fn();
    const lines = lived({ start, stop });
    expect(lines).toEqual([
      expect.stringMatching(/^0 # app\.mjs: start\(\) failed: Error: no database \(.*\)$/),
    ]);
    expect(stop).not.toHaveBeenCalled();
  });

  it('should fail after all when stop() fails', () => {
    expect(lived({ stop: () => throws('cannot close') })).toEqual([
      '0 served',
      '5 drained',
      expect.stringMatching(/^5 # app\.mjs: stop\(\) failed: Error: cannot close/),
    ]);
  });

  it('should wait 10 s for stop(), and no longer', () => {
    expect(lived({ stop: takes(9999) }).at(-1)).toBe('10004 |');
    expect(lived({ stop: () => NEVER }).at(-1)).toBe('10005 # app.mjs: stop() was not done within 10000 ms');
  });

  it('should call stop() after a failure to serve as well, which is then the error', () => {
    const failing = throwError(() => new Error('in use'));
    expect(lived({ served: failing, stop: takes(20) })).toEqual(['20 # in use']);
    expect(lived({ served: failing, stop: () => throws('cannot close') })).toEqual(['0 # in use']);
  });

  it('should abandon start() when it is told to drain', () => {
    const stop = jest.fn();
    expect(lived({ start: () => NEVER, stop, untilMs: 50 })).toEqual(['50 |']);
    expect(stop).not.toHaveBeenCalled();
  });

  it('should leave it to the server to drain once it serves', () => {
    expect(lived({ start: takes(2), stop: takes(2), untilMs: 4 })).toEqual(['2 served', '7 drained', '9 |']);
  });
});

function throws(message: string): never {
  throw new Error(message);
}
