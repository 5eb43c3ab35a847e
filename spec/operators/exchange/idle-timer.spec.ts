import {
  NEVER,
  Observable,
  Subscription,
  VirtualTimeScheduler,
  asyncScheduler,
  type SchedulerLike,
} from 'rxjs';
import {
  IdleTimer,
  ScheduledTimekeeper,
  timekeeperOf,
  type Timekeeper,
} from '../../../lib/operators/exchange/idle-timer.js';
import { FlowState } from '../../../lib/operators/flow/flow.js';
import { marbles } from '../../helpers/virtual-time/marbles.js';
import { afterwards, cleanUpSockets } from '../../helpers/sockets/sockets.js';
import { expectTimeoutToKeepTime, stopClocks } from '../../helpers/virtual-time/stop-clocks.js';

cleanUpSockets();

/** Calls of the timer's methods: start, touch, stop. */
type Call = 's' | 't' | 'p';
const CALLS = { s: 's', t: 't', p: 'p' } as const;

describe('IdleTimer, with a ScheduledTimekeeper', () => {
  it.each([
    ['expire that long after its start', '        --s              ', '-------x     '],
    ['expire that long after the last touch', '   s---t-t          ', '-----------x '],
    ['let a touch in the last moment count', '    s----t           ', '----------x  '],
    ['expire once', '                             s-------t--------', '-----x       '],
    ['not begin by a touch', '                    --t              ', '-            '],
    ['not expire once stopped', '                 s--p             ', '-            '],
    ['begin anew when started after a stop', '    s--p-s           ', '----------x  '],
    ['begin anew when started after it expired', 's------s         ', '-----x------x'],
    ['begin anew when started while it runs', '   s--s             ', '--------x    '],
    ['be stopped before it has begun', '          p                ', '-            '],
  ])('should %s', (_, calls, expected) => {
    marbles(({ hot, expectObservable }, scheduler) => {
      const timer = timerOf(hot<Call>(calls, CALLS), new ScheduledTimekeeper(scheduler), 5);
      expectObservable(timer).toBe(expected, { x: 'x' });
    });
  });

  it('should never be started for Infinity', () => {
    const keeper: Timekeeper = { now: () => 0, start: () => fail(), stop: () => undefined };
    expect(() => new IdleTimer(keeper, Infinity, () => undefined).start()).not.toThrow();
  });

  it('should schedule nothing for a touch, and have one action at a time', () => {
    const scheduler = new VirtualTimeScheduler();
    const timer = new IdleTimer(new ScheduledTimekeeper(scheduler), 5, () => undefined);
    timer.start();
    for (let count = 0; count < 100; count++) timer.touch();
    timer.start();
    expect(scheduler.actions).toHaveLength(1);
  });

  it.each([
    ['wait once for what has come, when the process was busy', 100, [0, 0, 1]],
    ['wait when it is late by a millisecond: that may have been a long one', 51, [0, 0, 1]],
    ['not wait when it is on time', 50, [0, 1, 1]],
  ])('should %s', (_, ms, expected) => {
    const set = stopClocks();
    const actions: (() => void)[] = [];
    jest.spyOn(asyncScheduler, 'schedule').mockImplementation((work) => {
      actions.push(work);
      return new Subscription();
    });
    afterwards(() => jest.restoreAllMocks());
    const expired = jest.fn();
    new IdleTimer(new ScheduledTimekeeper(asyncScheduler), 50, expired).start();
    const calls = [ms - 50, ms, ms + 50].map((now, index) => {
      set(now, now);
      if (index > 0) actions.shift()?.();
      return expired.mock.calls.length;
    });
    expect(calls).toEqual(expected);
  });

  it('should neither expire nor be delayed when the wall clock is set', () => {
    expectTimeoutToKeepTime(new ScheduledTimekeeper(asyncScheduler));
  });
});

describe('timekeeperOf', () => {
  const keeper: Timekeeper = { now: () => 0, start: () => undefined, stop: () => undefined };

  it("should return the connection's own where the scheduler is the default one", () => {
    expect(timekeeperOf(asyncScheduler, new FlowState(NEVER, keeper))).toBe(keeper);
  });

  it.each<[string, SchedulerLike, FlowState | undefined]>([
    ['another scheduler is asked for', new VirtualTimeScheduler(), new FlowState(NEVER, keeper)],
    ['the flow has none', asyncScheduler, new FlowState()],
    ['there is no flow', asyncScheduler, undefined],
  ])('should measure by the scheduler when %s', (_, scheduler, flow) => {
    expect(timekeeperOf(scheduler, flow)).toBeInstanceOf(ScheduledTimekeeper);
  });
});

function timerOf(calls: Observable<Call>, keeper: ScheduledTimekeeper, ms: number): Observable<string> {
  return new Observable((subscriber) => {
    const timer = new IdleTimer(keeper, ms, () => subscriber.next('x'));
    subscriber.add(
      calls.subscribe((call) => {
        if (call === 's') timer.start();
        else if (call === 't') timer.touch();
        else timer.stop();
      }),
    );
  });
}

function fail(): never {
  throw new Error('timers take Infinity for no time at all');
}
